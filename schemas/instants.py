"""Instants and dates as the contracts write them.

An instant is an `int`: microseconds since 1970-01-01T00:00:00Z. Text is RFC 3339 with a zone, and nothing
else that a parser would take: no blank between date and time, no digits alone, no week dates, no 24:00, no
leap second.
"""

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

# [0-9] and not \d, which takes the digits of every script.
_RFC_3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt](?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?"
    r"(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
_WITHOUT_ZONE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?")
_LEAP_SECOND = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:60(?:\.[0-9]+)?(?:[Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE_EPOCH = datetime(1970, 1, 1)

FIRST_YEAR_OF_EVENTS = 2000
LAST_YEAR_OF_EVENTS = 2099


def _year_begins(year: int) -> int:
    return (date(year, 1, 1) - date(1970, 1, 1)).days * 86_400_000_000


_FIRST_INSTANT = _year_begins(1)
_END_OF_INSTANTS = _year_begins(9999) + 365 * 86_400_000_000
_FIRST_INSTANT_OF_EVENTS = _year_begins(FIRST_YEAR_OF_EVENTS)
_END_OF_EVENTS = _year_begins(LAST_YEAR_OF_EVENTS + 1)

RFC_3339_REMEDY = (
    "write an RFC 3339 instant with its zone, as 2026-03-02T07:00:00Z or 2026-03-01T23:00:00-08:00"
)
DATE_REMEDY = "write a date as YYYY-MM-DD, as 2026-03-02"


class TimeError(ValueError):
    """A text that is no instant or date as the contracts write them; `rule` is a key of `RULES`."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule = rule


def parse_instant(text: str) -> int:
    """The instant of an RFC 3339 text with a zone, finer digits than microseconds cut off.

    Takes the years 1 to 9999 in UTC. Raises `TimeError`.
    """
    if _RFC_3339.fullmatch(text) is None:
        raise _not_an_instant(text)
    try:
        since_epoch = datetime.fromisoformat(text.upper()) - _EPOCH
    except ValueError:
        raise TimeError("not_instant", f"there is no such day; {RFC_3339_REMEDY}") from None
    instant = (since_epoch.days * 86_400 + since_epoch.seconds) * 1_000_000 + since_epoch.microseconds
    if not _FIRST_INSTANT <= instant < _END_OF_INSTANTS:
        raise TimeError("out_of_range", "an instant lies in the years 1 to 9999 in UTC")
    return instant


def parse_event_instant(text: str) -> int:
    """`parse_instant` for what an event says: within the years 2000 to 2099 in UTC. Raises `TimeError`."""
    instant = parse_instant(text)
    if not _FIRST_INSTANT_OF_EVENTS <= instant < _END_OF_EVENTS:
        raise TimeError(
            "out_of_range",
            "the instants of an event lie from 2000-01-01T00:00:00Z to before 2100-01-01T00:00:00Z",
        )
    return instant


@lru_cache(maxsize=10_000)
def format_instant(microseconds: int) -> str:
    """RFC 3339 in UTC with `Z`; six digits of a second only where they are not all zero."""
    return (_NAIVE_EPOCH + timedelta(microseconds=microseconds)).isoformat() + "Z"


def parse_date(text: str) -> date:
    """The date of a `YYYY-MM-DD` text, of the years 1 to 9999. Raises `TimeError`."""
    if _DATE.fullmatch(text) is None:
        raise TimeError("not_date", DATE_REMEDY)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise TimeError("not_date", f"there is no such day; {DATE_REMEDY}") from None


def parse_event_date(text: str) -> date:
    """`parse_date` for what an event says: within the years 2000 to 2099. Raises `TimeError`."""
    day = parse_date(text)
    if not FIRST_YEAR_OF_EVENTS <= day.year <= LAST_YEAR_OF_EVENTS:
        raise TimeError("out_of_range", "the dates of an event lie from 2000-01-01 to 2099-12-31")
    return day


def _not_an_instant(text: str) -> TimeError:
    if _WITHOUT_ZONE.fullmatch(text) is not None:
        return TimeError(
            "naive_instant", f"an instant without a zone could mean any of them; {RFC_3339_REMEDY}"
        )
    if _LEAP_SECOND.fullmatch(text) is not None:
        return TimeError(
            "leap_second",
            "a leap second cannot be stored; write the second before it, :59, or the one after it",
        )
    return TimeError("not_instant", RFC_3339_REMEDY)
