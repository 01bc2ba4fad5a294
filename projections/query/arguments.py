"""The values of one SQL statement, kept apart from its text."""


class Arguments:
    """Collects values; the text of the statement gets a placeholder for each, never the value."""

    def __init__(self) -> None:
        self.values: list[object] = []

    def bind(self, value: object, sql_type: str) -> str:
        """The placeholder of a value. The type stands in the text, since COPY cannot infer it."""
        self.values.append(value)
        return f"${len(self.values)}::{sql_type}"
