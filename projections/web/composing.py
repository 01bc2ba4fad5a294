"""From the fields of a form to the address of a report.

A form sends each of its fields as a parameter of its own; a report has one parameter for column, operator and
value together. So the forms of the pages send their fields under names with a dot, and are answered with a
redirect to the address that they mean. Nothing is checked here: what is wrong goes into the address as it was
typed, and the page there says so beside the field.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import zip_longest
from zoneinfo import ZoneInfo

from lifecycle.calendar import Calendar
from projections.listing import Listing, Operator
from projections.query.filters import Match
from projections.query.parameters import DEFAULT_LIMIT
from projections.web.address import Address, Pair
from schemas.instants import format_instant

FILTER_COLUMN, FILTER_OPERATOR, FILTER_VALUE = "f.column", "f.operator", "f.value"
ONE_MORE = "f.more"
"""Asks for the page with another empty filter, and everything in the fields as it is."""
SHOWN_COLUMN, COLUMN_ORDER, MOVE, ALL_AGAIN = "c.show", "c.order", "c.move", "c.all"
LOCAL_INSTANT = "at.local"

_COMMA = re.compile(r"(\\[\\,])|\s*,\s*")
"""Between the values of a list; what is escaped belongs to a value."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DEFAULTS = {("match", str(Match.ALL)), ("limit", str(DEFAULT_LIMIT)), ("sort", "")}


def is_form(pairs: Sequence[Pair]) -> bool:
    """Whether the parameters are the fields of a form."""
    return any(name[:2] in ("f.", "c.") or name == LOCAL_INSTANT for name, _ in pairs)


def chooses_columns(pairs: Sequence[Pair]) -> bool:
    """Whether it is the form of Show/Hide Columns."""
    return any(name.startswith("c.") for name, _ in pairs)


def composed(path: str, pairs: Sequence[Pair], listing: Listing, calendar: Calendar) -> Address:
    """The address that the fields mean."""
    kept = [pair for pair in pairs if not is_form([pair]) and pair not in _DEFAULTS and pair[0] != "filter"]
    filters = [("filter", text) for text in (*_values(pairs, "filter"), *_filters(pairs))]
    if chooses_columns(pairs):
        kept = [pair for pair in kept if pair[0] != "columns"]
        columns = _columns(pairs, listing)
        if columns != [column.key for column in listing.standard_columns]:
            kept.append(("columns", ",".join(columns)))
    if any(name == LOCAL_INSTANT for name, _ in pairs):
        kept = [pair for pair in kept if pair[0] != "as_of"]
        kept.extend(
            ("as_of", instant_of_field(text, calendar)) for text in _values(pairs, LOCAL_INSTANT) if text
        )
    return Address(path, (*filters, *kept))


def _filters(pairs: Sequence[Pair]) -> list[str]:
    """Rows of fields without anything in them are left out."""
    fields = (_values(pairs, name) for name in (FILTER_COLUMN, FILTER_OPERATOR, FILTER_VALUE))
    return [_filter(*row) for row in zip_longest(*fields, fillvalue="") if row[0] or row[2]]


def _filter(column: str, operator: str, value: str) -> str:
    if any(operator == each for each in Operator if not each.takes_value):
        return f"{column}:{operator}"
    if operator == Operator.IN:
        # People write a list as they write, with a blank after each comma.
        value = _COMMA.sub(lambda found: found[1] or ",", value.strip())
    return f"{column}:{operator}:{value}"


def _columns(pairs: Sequence[Pair], listing: Listing) -> list[str]:
    if _values(pairs, ALL_AGAIN):
        return [column.key for column in listing.standard_columns]
    shown = _values(pairs, SHOWN_COLUMN)
    order = _values(pairs, COLUMN_ORDER) or list(listing.keys)
    columns = [key for key in order if key in shown]
    for move in _values(pairs, MOVE):
        direction, _, key = move.partition(":")
        if key in columns:
            place = columns.index(key) + (-1 if direction == "up" else 1)
            columns.remove(key)
            columns.insert(max(place, 0), key)
    # A table has a column at least: the one that tells its rows apart.
    return columns or [listing.key]


def instant_of_field(text: str, calendar: Calendar) -> str:
    """What a field of the type `datetime-local` says, on the wall clock of the report's zone; else as typed."""
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return text
        since = moment.replace(tzinfo=ZoneInfo(calendar.zone_name)).astimezone(UTC) - _EPOCH
    except (ValueError, OverflowError):
        return text
    return format_instant((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds)


def _values(pairs: Sequence[Pair], name: str) -> list[str]:
    return [value for key, value in pairs if key == name]
