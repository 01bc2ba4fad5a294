"""What is wrong with a question to the report, said so that the one who asked can put it right."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """One wrong parameter. `allowed` names what could stand in its place, where that is a list."""

    parameter: str
    value: str | None
    message: str
    allowed: tuple[str, ...] = ()


class BadQuery(Exception):
    """The question cannot be answered as it stands; `refusals` holds every wrong parameter, never none."""

    def __init__(self, *refusals: Refusal) -> None:
        super().__init__("; ".join(refusal.message for refusal in refusals))
        self.refusals = refusals
