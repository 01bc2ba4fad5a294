"""A token of which there is nothing to explain."""


class UnknownToken(Exception):
    """No fact in force puts the token in any report; `is_in_journal` where others name it."""

    def __init__(self, serial: str, is_in_journal: bool) -> None:
        if is_in_journal:
            message = (
                f"the service token {serial!r} is known only by facts that no longer count: they were retracted or "
                "replaced, or their order line is cancelled; its history shows them"
            )
        else:
            message = f"no event names a service token {serial!r}"
        super().__init__(message)
        self.serial = serial
        self.is_in_journal = is_in_journal
