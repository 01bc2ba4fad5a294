"""Looking up beforehand which few tokens can pass a report's filters, so that an index leads to them.

An index for each of 22 columns would be dear to write. But what a vendor sells comes in order lines, of which there
are far fewer than tokens: a filter on a cell that a token has from its line is tried on the lines, and leads to the
serials that they and their shipments name. Owners and stations are few too. What is looked up is never less than
what passes; the filter itself still judges each row.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import orjson

from projections.columns import TOKENS
from projections.listing import Operator
from projections.query import date_lookups, lookups
from projections.query.arguments import Arguments
from projections.query.filters import Filter, Match, days_of, filters_condition
from projections.query.lookups import BOUNDS, First, LookUp
from projections.query.report import Among, Report

if TYPE_CHECKING:
    from projections.query.database import Reader

MOST_FOR_PAGE = 50_000
"""Tokens that are looked up for a page: of more than these, a page is found as fast in the order of all serials."""
MOST_FOR_COUNT = 50_000
"""Tokens that are looked up for a count."""

_FAR_MORE = 3
"""Times as many, where it is Postgres' guess."""
_POSITIVE = (Operator.CONTAINS, Operator.IS, Operator.IN)
_FULL = (*_POSITIVE, *BOUNDS, Operator.IS_NOT_EMPTY)
_OF_PLACE = ("station_name", "evse_id")
OF_LINE = (
    *(
        "part_number",
        "cloud_plan",
        "description",
        "term_years",
        "token_type",
        "purchase_order",
        "sales_order",
    ),
    *("customer_reference", "customer_name", "customer_id", "order_date"),
)
"""What a token has from its line, under the same names there."""


async def narrowed(connection: "Reader", report: Report, most: int, first: First | None = None) -> Report:
    """The same report, with what was looked up of the rows that pass its filters, where that pays.

    What is looked up is that of the connection's snapshot, in which the caller reads the rows too. Where that
    is more than about `most` serials in one way, it is left; where the `first` are enough, these are told.
    """
    groups: dict[_Way | None, list[Filter]] = {}
    for each in report.filters:
        groups.setdefault(_way(each), []).append(each)
    is_any = report.match is Match.ANY
    # One that leads nowhere has all rows tried anyway.
    if report.listing is not TOKENS or not groups or (is_any and None in groups):
        return report
    # Of the first that pass some of the filters, the others may leave nothing.
    is_first_enough = (is_any or len(groups) == 1) and {way and way.key for way in groups} == {TOKENS.key}
    found = []
    for way, filters in groups.items():
        if way is None:
            continue
        asked = LookUp(replace(report, filters=tuple(filters)), most, first if is_first_enough else None)
        looked_up = None
        if not (way.is_by_date and await _are_too_many(connection, asked)):
            looked_up = await connection.fetchval(way.sql(asked), *asked.arguments.values)
        if looked_up is not None:
            found.append(
                Among(way.key, looked_up, asked.first is not None and len(looked_up) == asked.first.size)
            )
        elif is_any:
            return report
    if is_any:
        # Behind the last of those of which there are more, not all are known.
        ends = [among.cells[-1] for among in found if among.has_more]
        if ends:
            serials = {cell for among in found for cell in among.cells if cell <= min(ends)}
            return replace(report, among=(Among(TOKENS.key, sorted(serials), has_more=True),))
        cells: dict[str, set[str]] = {}
        for among in found:
            cells.setdefault(among.key, set()).update(among.cells)
        # An alternative that nothing passes leads nowhere; where all are such, one says that nothing does.
        filled = [Among(key, sorted(each)) for key, each in cells.items() if each]
        return replace(report, among=tuple(filled or found[:1]))
    # One leads to the rows; those of a second would be tried one by one on each of them.
    found.sort(key=lambda among: (among.key != TOKENS.key, len(among.cells)))
    return replace(report, among=tuple(found[:1]))


async def _are_too_many(connection: "Reader", asked: LookUp) -> bool:
    """Whether the bounds of a date leave far more tokens than may be looked up, by what Postgres knows of all."""
    if not asked.is_of_bounds:
        return False
    report, arguments = asked.report, Arguments()
    condition = filters_condition(report.filters, report.match, report.today, arguments)
    plan = await connection.fetchval(
        f"explain (format json) select from tokens where {condition}", *arguments.values
    )
    estimated: float = orjson.loads(plan)[0]["Plan"]["Plan Rows"]
    return estimated > _FAR_MORE * asked.most_by_index


class _Way(NamedTuple):
    """By which column the rows that pass are found, and the SQL that looks up its cells; of one column alone, by
    that of the filter. By a date of a token, of which Postgres can tell how many pass.
    """

    key: str
    sql: Callable[[LookUp], str]
    of: str | None = None
    is_by_date: bool = False


def _way(each: Filter) -> _Way | None:
    key, operator = each.column.key, each.operator
    if key in OF_LINE and operator in _FULL:
        return _Way(TOKENS.key, lookups.by_lines)
    if key == TOKENS.key and operator in (Operator.IS, Operator.IN):
        return _Way(TOKENS.key, lookups.serials_named)
    if key == TOKENS.key and lookups.can_be_searched(each):
        return _Way(TOKENS.key, lookups.serials_containing)
    if key == "ship_date" and operator in _FULL:
        return _Way(TOKENS.key, lookups.by_shipments)
    if key in ("activation_date", "expiration_date") and (operator in BOUNDS or days_of(each) is not None):
        by_term = date_lookups.by_expiration if key == "expiration_date" else date_lookups.by_activation
        return _Way(TOKENS.key, by_term, is_by_date=True)
    if key == "applied_date" and (operator in BOUNDS or days_of(each) is not None):
        return _Way(TOKENS.key, date_lookups.by_application, is_by_date=True)
    if key in ("org_id", "org_name") and operator in _POSITIVE:
        return _Way("org_id", lookups.owners)
    if key == "station_serial" and operator in _POSITIVE:
        return _Way(key, lookups.stations)
    # What a token has of both can come from two applications: they are looked up apart.
    if key in _OF_PLACE and operator in (Operator.IS, Operator.IN):
        return _Way("station_serial", lookups.stations_named, of=key)
    if key in _OF_PLACE and lookups.can_be_searched(each):
        return _Way("station_serial", lookups.stations_called, of=key)
    return None
