"""How things are said on the pages."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from projections.listing import Operator
from projections.query.filters import Filter
from projections.web.address import token_path
from schemas.instants import format_instant, parse_instant

OPERATORS: dict[Operator, str] = {
    Operator.CONTAINS: "Contains",
    Operator.DOES_NOT_CONTAIN: "Does Not Contain",
    Operator.IS: "Is",
    Operator.IS_NOT: "Is Not",
    Operator.IN: "Is One Of",
    Operator.BEFORE: "Before",
    Operator.AFTER: "After",
    Operator.IS_EMPTY: "Is Empty",
    Operator.IS_NOT_EMPTY: "Is Not Empty",
}
"""The operators in the words of the drop-down."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def operator_word(name: str) -> str:
    """An operator by its name; the name itself where there is none."""
    return next((word for operator, word in OPERATORS.items() if operator == name), name)


def filter_words(each: Filter, zone: str) -> tuple[str, str, str]:
    """A filter as column, operator and value; the value is empty where the operator takes none."""
    return each.column.title_in(zone), OPERATORS[each.operator], ", ".join(each.values)


def counted(count: int) -> str:
    """A whole number with commas."""
    return f"{count:,}"


def local_moment(instant: int, zone_name: str) -> datetime | None:
    """An instant (microseconds) on the wall clock of a zone; None where calendars have no such day."""
    try:
        # The import of `lifecycle.calendar`, on which all that read instants rest, has set where zones come from.
        return (_EPOCH + timedelta(microseconds=instant)).astimezone(ZoneInfo(zone_name))
    except OverflowError:
        return None


def local_words(instant: int, zone_name: str) -> str:
    """An instant for people, in a zone: `2026-03-02 07:00` with seconds only where there are some."""
    moment = local_moment(instant, zone_name)
    if moment is None:
        return format_instant(instant)
    seconds = f":{moment.second:02}" if moment.second else ""
    return f"{moment.date().isoformat()} {moment.hour:02}:{moment.minute:02}{seconds}"


def field_moment(instant: int, zone_name: str) -> str:
    """An instant as a field of the type `datetime-local` takes it."""
    moment = local_moment(instant, zone_name)
    return "" if moment is None else moment.replace(tzinfo=None, microsecond=0).isoformat()


def local_text(text: str, zone_name: str) -> str:
    """`local_words` of an instant in RFC 3339."""
    return local_words(parse_instant(text), zone_name)


WORDS: dict[str, Callable[..., Any]] = {
    "counted": counted,
    "operator_word": operator_word,
    "instant": format_instant,
    "local": local_words,
    "local_text": local_text,
    "token_path": token_path,
}
"""What templates may say things with."""
