"""What is stored otherwise than the journal says."""

from typing import Any, NamedTuple

from lifecycle.calendar import EPOCH, MICROSECOND

SHOWN_LENGTH = 200


class Difference(NamedTuple):
    """One value: of which thing, which of its columns, what is stored, and what the journal comes to."""

    thing: str
    column: str
    stored: Any
    derived: Any

    def __str__(self) -> str:
        return (
            f"{self.thing}: {self.column} is {_shown(self.stored)}, the journal says {_shown(self.derived)}"
        )


class Differences:
    """Counts all, keeps the first `limit`."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.first: list[Difference] = []
        self.count = 0

    def note(self, thing: str, column: str, stored: Any, derived: Any) -> None:
        """Take a difference in."""
        self.count += 1
        if len(self.first) < self._limit:
            self.first.append(Difference(thing, column, stored, derived))

    def compare(self, thing: str, column: str, stored: Any, derived: Any) -> None:
        """Take a difference in where there is one."""
        if stored != derived:
            self.note(thing, column, stored, derived)


class Absent:
    """Stands for what is not there, as other than an empty value."""

    def __repr__(self) -> str:
        return "not there"


class Instant(int):
    """Microseconds since 1970 that are shown as a time."""

    def __repr__(self) -> str:
        return (EPOCH + int(self) * MICROSECOND).isoformat()


ABSENT = Absent()


def _shown(value: Any) -> str:
    text = value.hex() if isinstance(value, bytes) else "empty" if value is None else repr(value)
    return text if len(text) <= SHOWN_LENGTH else text[:SHOWN_LENGTH] + "…"
