"""How rows are found in the order of a column: SQL that puts its values in order, without looking at all of them."""

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import NamedTuple

from projections.columns import TOKENS
from projections.query.date_lookups import ENDED, TERMS, ZONES_APART_DAYS, began_sql
from projections.query.narrowing import OF_LINE
from projections.query.report import Report
from projections.query.scope import AllOrganizations
from projections.query.sorting import key_sql
from schemas.instants import format_instant

_MOST_CANDIDATES = 1_000
"""Lines, shipments, stations, places or names of owners that are looked at for a portion."""
_MOST_STARTED = 4_000
"""Of terms of so many years, and of applications, which are looked at token by token: more than start on one day."""

_TOKENS_OF_STATION = 1
_TOKENS_OF_OWNER = 150
"""More than a page has: one owner is tried first, since an index gives the tokens of one alone in order."""


class Bound(NamedTuple):
    """What keys are to be: `<`, `<=`, `>` or `>=` than the value of a placeholder."""

    sign: str
    value: str


class Cut(NamedTuple):
    """The first so many in the order of keys, ascending or descending."""

    order: str
    most: int


class Way(NamedTuple):
    """SQL of `(branch, key, size, cells)`: sort keys, about how many tokens have each, and by which cells of the
    column `among` these are found. The keys are within the bounds, and of each branch not more than the cut says.
    """

    among: str
    most: int
    sql: Callable[[Report, Sequence[Bound], Cut | None], str]


def way_of(report: Report) -> Way | None:
    """How the rows of a report are found in the order of its column; None where sorting them is as fast."""
    column = report.sort.column
    # What one organization has is sorted as fast.
    if column is None or report.listing is not TOKENS or not isinstance(report.scope, AllOrganizations):
        return None
    if column.key in OF_LINE:
        return Way(TOKENS.key, _MOST_CANDIDATES, _of_lines)
    if column.key == "station_serial":
        return Way(column.key, _MOST_CANDIDATES, partial(_of_stations, "station_starts"))
    if column.key in ("station_name", "evse_id"):
        return Way("station_serial", _MOST_CANDIDATES, partial(_of_stations, "known_places"))
    if column.key == "ship_date":
        return Way(TOKENS.key, _MOST_CANDIDATES, _of_shipments)
    if column.key in ("activation_date", "expiration_date"):
        return Way(TOKENS.key, _MOST_STARTED, _of_terms)
    if column.key == "applied_date":
        return Way(TOKENS.key, _MOST_STARTED, _of_applications)
    if column.key in ("org_id", "org_name"):
        return Way("org_id", _MOST_CANDIDATES, _of_owners)
    return None


def _of_stations(table: str, report: Report, bounds: Sequence[Bound], cut: Cut | None) -> str:
    """By a table that has stations by the column."""
    return _keyed(_sort_key(report), f"{_TOKENS_OF_STATION}", "array[station_serial]", table, bounds, cut)


def _of_lines(report: Report, bounds: Sequence[Bound], cut: Cut | None) -> str:
    cells = """array(select unnest(named) union all select unnest(serials) from shipment_lines
        where shipment_lines.order_line = order_lines.order_line)"""
    size = "coalesce(quantity, cardinality(named))"
    return _keyed(_sort_key(report), size, cells, "order_lines", bounds, cut)


def _of_shipments(_: Report, bounds: Sequence[Bound], cut: Cut | None) -> str:
    return _keyed("ship_date", "cardinality(serials)", "serials", "shipment_lines", bounds, cut)


def _of_owners(report: Report, bounds: Sequence[Bound], cut: Cut | None) -> str:
    return _keyed(_sort_key(report), f"{_TOKENS_OF_OWNER}", "array[org_id]", "owners", bounds, cut)


def _of_applications(report: Report, bounds: Sequence[Bound], cut: Cut | None) -> str:
    """By tokens' last spans, and by the earlier ones that end after the report's instant."""
    later = f"(select * from spans where ends_at > '{format_instant(report.as_of)}' offset 0) as later"
    bounds = (*bounds, _not_later(report))
    return " union all ".join(
        f"({_keyed('applied_date', '1', 'array[token_serial]', table, bounds, cut)})"
        for table in ("tokens", later)
    )


def _of_terms(report: Report, bounds: Sequence[Bound], cut: Cut | None) -> str:
    """A branch for each number of years; those that never end have a start alone."""
    assert report.sort.column is not None
    by_end = report.sort.column.key == "expiration_date"
    key = ENDED if by_end else "activation_date"
    # Of one number of years, ends are in the order of starts.
    order = "offset 0" if cut is None else f"order by activation_date {cut.order} limit {cut.most}"
    within = f"{_within(key, bounds)}{_within('activation_date', [_not_later(report)])}"
    begun = "".join(f" and {_begun(bound)}" for bound in bounds) if by_end else ""
    selected = f"select {key} as key, 1 as size, array[token_serial] as cells from tokens"
    ending = f"""select years as branch, keyed.* from {TERMS}, lateral (
        {selected} where term_years = years and activation_date is not null{within}{begun} {order}) as keyed"""
    if by_end:
        return ending
    return f"""{ending} union all select 0, keyed.* from (
        {selected} where term_years is null and activation_date is not null{within} {order}) as keyed"""


def _not_later(report: Report) -> Bound:
    """What begins later is not shown."""
    latest = date.fromordinal(min(report.today().toordinal() + ZONES_APART_DAYS, date.max.toordinal()))
    return Bound("<=", f"date '{latest}'")


def _begun(bound: Bound) -> str:
    """What follows of a bound on the end for the start: a day later can lead to the same end, once in four years."""
    began = began_sql(bound.value)
    return f"activation_date >= {began}" if bound.sign[0] == ">" else f"activation_date <= {began} + 1"


def _keyed(
    key: str, size: str, cells: str, table: str, bounds: Sequence[Bound], cut: Cut | None, branch: int = 0
) -> str:
    order = "" if cut is None else f"order by {key} {cut.order} limit {cut.most}"
    return f"""select {branch} as branch, {key} as key, {size} as size, {cells} as cells from {table}
        where {key} is not null{_within(key, bounds)} {order}"""


def _within(key: str, bounds: Sequence[Bound]) -> str:
    return "".join(f" and {key} {bound.sign} {bound.value}" for bound in bounds)


def _sort_key(report: Report) -> str:
    assert report.sort.column is not None
    return key_sql(report.sort.column)
