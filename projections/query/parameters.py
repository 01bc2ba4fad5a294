"""The parameters of the report: what they are called, what they take, and how they are read.

The API reads them from the query string and the commands from options of the same names; both refuse the same
things in the same words, and every wrong parameter at once. The OpenAPI document is made from these
declarations.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from lifecycle.calendar import Calendar
from projections.columns import TOKENS
from projections.listing import Column, Listing
from projections.query.cursor import Position, decode_cursor
from projections.query.filters import SYNTAX, Match, parse_filter
from projections.query.page import PageRequest
from projections.query.parameter_schemas import columns_schema, filter_schema, sort_schema
from projections.query.refusal import BadQuery, Refusal
from projections.query.report import Report
from projections.query.scope import Scope
from projections.query.sorting import BY_KEY, parse_sort
from schemas.instants import parse_instant

MAX_FILTERS = 100
MAX_LIMIT = 1_000
DEFAULT_LIMIT = 100
ALL_COLUMNS = "all"

Parsed = TypeVar("Parsed")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter, which may be given `most` times; `schema` and `example` are for the OpenAPI document."""

    name: str
    doc: str
    schema: dict[str, Any]
    example: Any
    most: int = 1


FILTER = Parameter(
    "filter",
    f"`{SYNTAX}`, split at the first two colons; up to {MAX_FILTERS} of them. `GET /api/columns` lists both.",
    filter_schema(TOKENS),
    "status:is:Active",
    most=MAX_FILTERS,
)
MATCH = Parameter(
    "match",
    "Whether a row must pass `all` filters or `any` one of them.",
    {"type": "string", "enum": [str(match) for match in Match], "default": str(Match.ALL)},
    "any",
)
SELECTED = Parameter(
    "columns",
    "The keys of the columns to show, in this order, with commas between them; `all` stands for the "
    f"{len(TOKENS.standard_columns)}.",
    columns_schema(TOKENS, ALL_COLUMNS),
    "token_serial,status",
)
SORT = Parameter(
    "sort",
    "One column's key, `-` first for descending. Empty cells come last both ways, equal ones by serial.",
    sort_schema(TOKENS),
    "-expiration_date",
)
AS_OF = Parameter(
    "as_of",
    "The instant of the report, RFC 3339 with its zone, in the years 1 to 9999; now, where left out. "
    "In a query string `+` must be written `%2B`.",
    {"type": "string", "format": "date-time"},
    "2026-03-02T07:00:00Z",
)
LIMIT = Parameter(
    "limit",
    "How many rows a page has at most.",
    {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
    20,
)
AFTER = Parameter(
    "after",
    "The `next` of a page, to get the one that follows it. It holds the instant of the list and belongs to "
    "its `filter`, `match` and `sort`, which must be given again.",
    {"type": "string"},
    None,
)
COUNT = Parameter(
    "count",
    "Whether to count the rows of the whole list too.",
    {"type": "boolean", "default": False},
    True,
)

REPORT_PARAMETERS = (FILTER, MATCH, SELECTED, SORT, AS_OF)
PAGE_PARAMETERS = (*REPORT_PARAMETERS, LIMIT, AFTER, COUNT)


def parameters_of(listing: Listing, parameters: Sequence[Parameter]) -> list[Parameter]:
    """The same parameters as another list than the report takes them."""
    of_listing = {
        FILTER.name: replace(FILTER, schema=filter_schema(listing), example=f"{listing.key}:is_not_empty"),
        SELECTED.name: replace(
            SELECTED,
            doc="The keys of the columns to show, in this order, with commas between them; `all` stands for the "
            f"{len(listing.standard_columns)} that are shown unless named.",
            schema=columns_schema(listing, ALL_COLUMNS),
            example=",".join(listing.keys[:2]),
        ),
        SORT.name: replace(SORT, schema=sort_schema(listing), example=f"-{listing.keys[1]}"),
    }
    return [of_listing.get(parameter.name, parameter) for parameter in parameters]


class Given:
    """Parameters as they were given, read one by one; what is wrong is gathered and raised by `finish`."""

    def __init__(self, pairs: Sequence[tuple[str, str]], known: Sequence[Parameter]) -> None:
        self._values: dict[str, list[str]] = {}
        self._refusals: list[Refusal] = []
        names = tuple(parameter.name for parameter in known)
        most = {parameter.name: parameter.most for parameter in known}
        for name, value in pairs:
            if name not in names:
                self._refusals.append(Refusal(name, value, f"no parameter is called {name!r} here", names))
            elif not _is_text(value):
                message = f"the value of {name!r} holds a character that no cell can hold"
                self._refusals.append(Refusal(name, None, message))
            elif len(self._values.get(name, ())) >= most[name]:
                message = (
                    f"{name!r} is given more than {'once' if most[name] == 1 else f'{most[name]} times'}"
                )
                self._refusals.append(Refusal(name, value, message))
            else:
                self._values.setdefault(name, []).append(value)

    def has(self, parameter: Parameter) -> bool:
        return parameter.name in self._values

    def one(self, parameter: Parameter, parse: Callable[[str], Parsed], default: Parsed) -> Parsed:
        """The value of a parameter, or `default` where it is left out or wrong."""
        parsed = self.all(parameter, parse)
        return parsed[0] if parsed else default

    def all(self, parameter: Parameter, parse: Callable[[str], Parsed]) -> tuple[Parsed, ...]:
        """The values of a parameter that are right."""
        parsed: list[Parsed] = []
        for value in self._values.get(parameter.name, ()):
            try:
                parsed.append(parse(value))
            except BadQuery as bad:
                self._refusals.extend(bad.refusals)
            except ValueError as error:
                self._refusals.append(Refusal(parameter.name, value, str(error)))
        return tuple(parsed)

    def refuse(self, refusal: Refusal) -> None:
        """Add to what is wrong."""
        self._refusals.append(refusal)

    def finish(self) -> None:
        """Raise `BadQuery` if anything was wrong so far."""
        if self._refusals:
            raise BadQuery(*self._refusals)


def read_report(
    given: Given, scope: Scope, now: int, calendar: Calendar, listing: Listing = TOKENS
) -> Report:
    """The report asked for; `now` is an instant in microseconds, for where none is given."""
    return Report(
        scope=scope,
        as_of=given.one(AS_OF, parse_as_of, now),
        calendar=calendar,
        filters=given.all(FILTER, lambda text: parse_filter(text, listing)),
        match=given.one(MATCH, choice_parser(MATCH, Match), Match.ALL),
        sort=given.one(SORT, lambda text: parse_sort(text, listing), BY_KEY),
        columns=given.one(SELECTED, lambda text: parse_columns(text, listing), listing.standard_columns),
        listing=listing,
    )


def read_page_request(
    pairs: Sequence[tuple[str, str]], scope: Scope, now: int, calendar: Calendar, listing: Listing = TOKENS
) -> PageRequest:
    """The page asked for. Raises `BadQuery` with everything that is wrong."""
    given = Given(pairs, PAGE_PARAMETERS)
    report = read_report(given, scope, now, calendar, listing)
    limit = given.one(LIMIT, parse_limit, DEFAULT_LIMIT)
    count = given.one(COUNT, boolean_parser(COUNT), False)
    # Whether a cursor fits can be said of a query that is right in itself.
    given.finish()
    if not given.has(AFTER):
        return PageRequest(report, limit, None, count)
    after = given.one(AFTER, lambda text: _parse_after(text, report), None)
    given.finish()
    assert after is not None
    if given.has(AS_OF) and after.as_of != report.as_of:
        raise BadQuery(
            Refusal("as_of", None, "the cursor in `after` is of another instant; leave `as_of` out")
        )
    return PageRequest(replace(report, as_of=after.as_of), limit, after, count)


def parse_as_of(text: str) -> int:
    """An instant in microseconds. Raises `ValueError`."""
    try:
        return parse_instant(text)
    except ValueError as error:
        if re.search(r":[0-9.]+ [0-9]{2}:[0-9]{2}$", text):
            raise ValueError(
                f"{text!r} is no instant: a `+` in a query string arrives as a blank; write `%2B` or `Z`"
            ) from None
        raise ValueError(f"{text!r} is no instant: {error}") from None


def parse_columns(text: str, listing: Listing = TOKENS) -> tuple[Column, ...]:
    """Keys with commas between them, `all` for the standard ones. Raises `BadQuery`, which names the columns."""
    columns: list[Column] = []
    for key in text.split(","):
        column = listing.column(key)
        if key != ALL_COLUMNS and column is None:
            exist = (ALL_COLUMNS, *listing.keys)
            raise BadQuery(Refusal("columns", text, f"no column is called {key!r}", exist))
        columns.extend(listing.standard_columns if column is None else (column,))
    twice = next((column.key for column in columns if columns.count(column) > 1), None)
    if twice is not None:
        raise BadQuery(Refusal("columns", text, f"the column {twice!r} is named twice"))
    return tuple(columns)


def choice_parser(parameter: Parameter, choices: Callable[[str], Parsed]) -> Callable[[str], Parsed]:
    """Reads one of the words in the parameter's schema."""
    words: tuple[str, ...] = tuple(parameter.schema["enum"])

    def parse(text: str) -> Parsed:
        if text not in words:
            message = f"{parameter.name!r} is {' or '.join(words)}, not {text!r}"
            raise BadQuery(Refusal(parameter.name, text, message, words))
        return choices(text)

    return parse


def boolean_parser(parameter: Parameter) -> Callable[[str], bool]:
    """Reads `true` or `false`."""
    enum = Parameter(parameter.name, parameter.doc, {"enum": ["true", "false"]}, parameter.example)
    return choice_parser(enum, "true".__eq__)


def parse_limit(text: str) -> int:
    """A whole number of rows. Raises `ValueError`."""
    if re.fullmatch(r"[0-9]{1,9}", text) is None or not 1 <= int(text) <= MAX_LIMIT:
        raise ValueError(f"{LIMIT.name!r} is a whole number from 1 to {MAX_LIMIT}, not {text!r}")
    return int(text)


def _parse_after(text: str, report: Report) -> Position | None:
    try:
        return decode_cursor(text, report.fingerprint(), report.sort)
    except ValueError:
        raise ValueError(
            "the cursor in `after` was altered or belongs to another query; "
            "give `filter`, `match` and `sort` as in the call that gave it, or begin again without `after`"
        ) from None


def _is_text(value: str) -> bool:
    """Whether Postgres can hold it: it has no NUL and no lone surrogate."""
    return "\0" not in value and not any("\ud800" <= character <= "\udfff" for character in value)
