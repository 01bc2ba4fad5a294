"""Filters: `<column>:<operator>:<value>`, and the condition that each of them puts on a row.

An empty cell contains nothing and equals nothing, so that `does_not_contain` and `is_not` match it. A
condition that is null lets a row pass as little as a false one does; nothing here negates another condition.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import cache

from projections.columns import TOKENS
from projections.listing import Column, ColumnType, Listing, Operator
from projections.query.arguments import Arguments
from projections.query.refusal import BadQuery, Refusal
from schemas.instants import parse_date

PARAMETER = "filter"
SYNTAX = "<column>:<operator>:<value>"

# [0-9] and not \d, which takes the digits of every script.
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_ESCAPED_OR_COMMA = re.compile(r"\\([\\,])|(,)")
# What means something to LIKE.
_NOT_AS_TYPED = re.compile(r"[\\%_]")
_ESCAPE = r"\\\g<0>"
_RELATIVE_DATE = re.compile(r"today(?:([+-])([0-9]{1,5})d)?")


# What compares a cell with a value whole; `today` may stand for a date there.
_COMPARING = (Operator.IS, Operator.IS_NOT, Operator.IN, Operator.BEFORE, Operator.AFTER)
_MOST_DAYS = 400
"""Days to look for one by one: a year's, or one day of the year in all years."""
# What no empty cell passes.
_OF_FILLED_CELLS = (Operator.CONTAINS, Operator.IS, Operator.IN, Operator.IS_NOT_EMPTY)


class Match(StrEnum):
    """Whether a row must pass all filters or any one of them."""

    ALL = "all"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter that `parse_filter` has found right. `values` is empty where the operator takes none."""

    column: Column
    operator: Operator
    values: tuple[str, ...]


def parse_filter(text: str, listing: Listing = TOKENS) -> Filter:
    """Read a filter, split at its first two colons. Raises `BadQuery`, which names what exists."""
    key, _, rest = text.partition(":")
    operator_name, colon, value = rest.partition(":")
    column = listing.column(key)
    if column is None:
        raise _refuse(text, f"no column is called {key!r}; a filter is {SYNTAX}", listing.keys)
    operators = column.type.operators
    operator = next((each for each in operators if each == operator_name), None)
    if operator is None:
        kind = f"{column.key!r} is a {column.type} column, which has no operator {operator_name!r}"
        raise _refuse(text, f"{kind}; a filter is {SYNTAX}", operators)
    if not operator.takes_value:
        if value:
            raise _refuse(text, f"'{operator}' takes no value; write {key}:{operator}", operators)
        return Filter(column, operator, ())
    if not colon:
        raise _refuse(text, f"'{operator}' needs a value; write {key}:{operator}:<value>", operators)
    values = split_list(value) if operator is Operator.IN else (value,)
    return Filter(column, operator, tuple(_checked(text, column, operator, each) for each in values))


def split_list(text: str) -> tuple[str, ...]:
    r"""The values of a comma list, in which `\,` is a comma and `\\` a backslash; other backslashes stay."""
    values, value, end = [], "", 0
    for found in _ESCAPED_OR_COMMA.finditer(text):
        value += text[end : found.start()]
        end = found.end()
        if found[2]:
            values.append(value)
            value = ""
        else:
            value += found[1]
    return (*values, value + text[end:])


def relative_date(text: str, today: date) -> date | None:
    """The date that `today`, `today+90d` or `today-7d` stands for, at the ends of the calendar where beyond them."""
    found = _RELATIVE_DATE.fullmatch(text)
    if found is None:
        return None
    days = int(f"{found[1]}{found[2]}") if found[1] else 0
    return date.fromordinal(min(max(today.toordinal() + days, 1), date.max.toordinal()))


def filters_condition(
    filters: tuple[Filter, ...], match: Match, today: Callable[[], date], arguments: Arguments
) -> str | None:
    """The condition of all filters together, or None where there are none. `today` is for relative dates."""
    conditions = [_condition(dated(each, today), arguments) for each in filters]
    if not conditions:
        return None
    return "(" + (" and " if match is Match.ALL else " or ").join(conditions) + ")"


def text_sql(column: Column) -> str:
    """The cell as the text that the report shows, null where it is empty."""
    match column.type:
        case ColumnType.TEXT | ColumnType.STATUS:
            return column.key
        case ColumnType.NUMBER:
            return f"{column.key}::text"
        case ColumnType.DATE:
            return f"to_char({column.key}, 'YYYY-MM-DD')"
        case ColumnType.LIST:
            return f"nullif(array_to_string({column.key}, ','), '')"


def lower_sql(expression: str) -> str:
    """Lower case as the report compares it, whatever the database's own collation."""
    return f'lower({expression} collate "pg_c_utf8")'


def pattern_sql(value: str, arguments: Arguments) -> str:
    """What a text in lower case is like that contains the value.

    LIKE and not `strpos`: of this, Postgres can tell beforehand how many rows will pass.
    """
    return lower_sql(arguments.bind(f"%{_NOT_AS_TYPED.sub(_ESCAPE, value)}%", "text"))


def dated(each: Filter, today: Callable[[], date]) -> Filter:
    """The filter with its relative dates as dates. Those to search for in a cell's text are text."""
    if each.column.type is not ColumnType.DATE or each.operator not in _COMPARING:
        return each
    dates = [
        relative_date(value, today()) if _RELATIVE_DATE.fullmatch(value) else None for value in each.values
    ]
    values = [
        value if day is None else day.isoformat() for value, day in zip(each.values, dates, strict=True)
    ]
    return replace(each, values=tuple(values))


def days_of(each: Filter) -> list[date] | None:
    """The days that pass a filter on a date that `dated` gave, where these can be told; None where they cannot."""
    if each.operator in (Operator.IS, Operator.IN):
        return [day for day in map(_day, each.values) if day is not None]
    if each.operator is not Operator.CONTAINS:
        return None
    piece = each.values[0]
    days = [day for text, day in _calendar_days() if piece in text]
    return days if len(days) <= _MOST_DAYS else None


@cache
def _calendar_days() -> tuple[tuple[str, date], ...]:
    """All days that a cell can show: events are of the years 2000 to 2099, and a term lasts 99 years at most."""
    first, last = date(1999, 12, 1).toordinal(), date(2200, 12, 31).toordinal()
    return tuple((day.isoformat(), day) for day in map(date.fromordinal, range(first, last + 1)))


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def _checked(text: str, column: Column, operator: Operator, value: str) -> str:
    """The value as it will be bound."""
    if column.type is ColumnType.STATUS and operator in (Operator.IS, Operator.IS_NOT, Operator.IN):
        choice = next((each for each in column.choices if each.lower() == value.lower()), None)
        if choice is None:
            raise _refuse(text, f"no {column.title.lower()} is called {value!r}", column.choices)
        return choice
    if operator in (Operator.BEFORE, Operator.AFTER):
        if column.type is ColumnType.DATE:
            if _RELATIVE_DATE.fullmatch(value):
                return value
            try:
                parse_date(value)
            except ValueError as error:
                message = f"{value!r} is no date: {error}; `today`, `today+90d` and `today-7d` are taken too"
                raise _refuse(text, message) from None
        elif _NUMBER.fullmatch(value) is None:
            raise _refuse(text, f"{value!r} is no number; write it as 3 or 2.5")
    return value


def _condition(each: Filter, arguments: Arguments) -> str:
    condition = _cell_condition(each, arguments)
    if each.column.type is ColumnType.LIST and each.operator in _OF_FILLED_CELLS:
        # So that an index of rows in which the list is not empty leads to them.
        return f"({each.column.key} <> '{{}}' and {condition})"
    return condition


def _cell_condition(each: Filter, arguments: Arguments) -> str:
    days = days_of(each) if each.column.type is ColumnType.DATE else None
    if days is not None:
        return f"{each.column.key} = any({arguments.bind(days, 'date[]')})"
    cell = text_sql(each.column)
    match each.operator:
        case Operator.IS_EMPTY:
            return f"{cell} is null"
        case Operator.IS_NOT_EMPTY:
            return f"{cell} is not null"
        case Operator.BEFORE | Operator.AFTER:
            sign = "<" if each.operator is Operator.BEFORE else ">"
            if each.column.type is ColumnType.DATE:
                bound = arguments.bind(parse_date(each.values[0]), "date")
            else:
                # As text, and cast there: a number of any size compares, where an integer would overflow.
                bound = arguments.bind(each.values[0], "text") + "::numeric"
            return f"{each.column.key} {sign} {bound}"
        case Operator.IN:
            bound = arguments.bind(list(each.values), "text[]")
            known = f"select {lower_sql('value')} from unnest({bound}) as value"
            return f"{lower_sql(cell)} in ({known})"
    if each.operator in (Operator.CONTAINS, Operator.DOES_NOT_CONTAIN):
        contains = f"{lower_sql(cell)} like {pattern_sql(each.values[0], arguments)}"
        return contains if each.operator is Operator.CONTAINS else f"coalesce(not {contains}, true)"
    value = lower_sql(arguments.bind(each.values[0], "text"))
    match each.operator:
        case Operator.IS:
            return f"{lower_sql(cell)} = {value}"
        case Operator.IS_NOT:
            return f"coalesce({lower_sql(cell)} <> {value}, true)"


def _refuse(text: str, message: str, allowed: tuple[str, ...] = ()) -> BadQuery:
    return BadQuery(Refusal(PARAMETER, text, message, tuple(str(each) for each in allowed)))
