"""Pages in the order of statuses: the tokens of each, in the order of serials."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lifecycle.stages import Status
from projections.columns import TOKENS
from projections.listing import ColumnType, Operator
from projections.query.arguments import Arguments
from projections.query.cursor import Position
from projections.query.filters import Filter, Match
from projections.query.lookups import First, LookUp
from projections.query.narrowing import MOST_FOR_PAGE
from projections.query.report import Among, Report
from projections.query.scope import AllOrganizations
from projections.query.sorting import exact_key_sql
from projections.query.status_lookups import by_status
from projections.query.stretches import FIRST, LATER, Run, known_rows, rows_of_stretches

if TYPE_CHECKING:
    from projections.query.database import Reader

_FIRST, _MORE_EACH_TIME = 4, 8
"""Pages of serials that are looked up of a status."""
_EXACT = (Operator.IS, Operator.IN, Operator.IS_NOT)


async def status_page(
    connection: "Reader", report: Report, limit: int, after: Position | None
) -> list[Any] | None:
    """The page as `page_statement` has it, of reports sorted by status; None for others, and where the tokens of a
    status are neither dense nor few.
    """
    column = report.sort.column
    if report.listing is not TOKENS or column is None or column.type is not ColumnType.STATUS:
        return None
    if report.among or not isinstance(report.scope, AllOrganizations):
        return None
    statuses = [(number, status) for number, status in enumerate(Status, 1) if _can_be(report, status)]
    if report.sort.descending:
        statuses.reverse()
    reached = None if after is None else after.sort_key
    if reached is not None:
        statuses = statuses[[number for number, _ in statuses].index(int(str(reached))) :]
    records: list[Any] = []
    for number, status in statuses:
        begin = after.row_key if after is not None and number == reached else ""
        found, rest = await rows_of_status(connection, report, status, limit - len(records), begin)
        if rest is not None:
            return None
        records += found
        if len(records) == limit:
            break
    return records


async def rows_of_status(
    connection: "Reader", report: Report, status: Status, limit: int, begin: str
) -> tuple[list[Any], Run | None]:
    """The first rows of a report behind a serial that have a status, in the order of serials; and what is left to look
    at, where they are neither dense nor few.
    """

    def passes(arguments: Arguments) -> list[str]:
        return [f"status = '{status}'", f"{exact_key_sql(TOKENS)} > {arguments.bind(begin, 'text')}"]

    records, rest = await rows_of_stretches(connection, report, limit, Run(begin), passes, FIRST)
    if rest is None:
        return records, None
    # Of all tokens of a status, other filters may leave nothing.
    if all(_is_of_status(each) for each in report.filters) and _can_be(report, status):
        found = await _looked_up(connection, report, status, limit, begin, passes)
        if found is not None:
            return found, None
    more, rest = await rows_of_stretches(connection, report, limit - len(records), rest, passes, LATER)
    return records + more, rest


async def _looked_up(
    connection: "Reader",
    report: Report,
    status: Status,
    limit: int,
    begin: str,
    passes: Callable[[Arguments], list[str]],
) -> list[Any] | None:
    records: list[Any] = []
    size = _FIRST * limit
    while len(records) < limit:
        asked = LookUp(report, MOST_FOR_PAGE, First(begin, size))
        serials = await connection.fetchval(by_status(asked, status), *asked.arguments.values)
        if serials is None:
            return None
        among = replace(report, among=(Among(TOKENS.key, serials),))
        records += await known_rows(connection, among, limit - len(records), begin, passes)
        if len(serials) < size:
            break
        begin, size = serials[-1], size * _MORE_EACH_TIME
    return records


def _is_of_status(each: Filter) -> bool:
    return each.operator in _EXACT and each.column.type is ColumnType.STATUS


def _can_be(report: Report, status: Status) -> bool:
    """False where the filters leave no token of a status."""
    if report.match is Match.ANY and len(report.filters) > 1:
        return True
    return all(
        (status in each.values) is (each.operator is not Operator.IS_NOT)
        for each in report.filters
        if _is_of_status(each)
    )
