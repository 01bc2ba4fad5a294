"""Pages in the order of statuses: the tokens of each, in the order of serials."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lifecycle.stages import Status
from projections.columns import TOKENS
from projections.listing import ColumnType
from projections.query.arguments import Arguments
from projections.query.cursor import Position
from projections.query.lookups import First, LookUp
from projections.query.narrowing import MOST_FOR_PAGE
from projections.query.report import Among, Report
from projections.query.scope import AllOrganizations
from projections.query.sorting import exact_key_sql
from projections.query.status_lookups import by_status
from projections.query.stretches import Run, known_rows, rows_of_stretches

if TYPE_CHECKING:
    from projections.query.database import Reader

_FIRST, _MORE_EACH_TIME = 4, 8
"""Pages of serials that are looked up of a status."""
_HAVE_AN_INDEX = (Status.NEW, Status.AVAILABLE)
"""Of which the serials are had in order."""


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
    statuses = list(enumerate(Status, 1))
    if report.sort.descending:
        statuses.reverse()
    reached = None if after is None else after.sort_key
    if reached is not None:
        statuses = statuses[[number for number, _ in statuses].index(int(str(reached))) :]
    records: list[Any] = []
    for number, status in statuses:
        begin = after.row_key if after is not None and number == reached else ""
        found = await rows_of_status(connection, report, status, limit - len(records), begin)
        if found is None:
            return None
        records += found
        if len(records) == limit:
            break
    return records


async def rows_of_status(
    connection: "Reader", report: Report, status: Status, limit: int, begin: str
) -> list[Any] | None:
    """The first rows of a report behind a serial that have a status, in the order of serials; None where they are
    found neither in the first stretches nor by looking up few.
    """

    def passes(arguments: Arguments) -> list[str]:
        return [f"status = '{status}'", f"{exact_key_sql(TOKENS)} > {arguments.bind(begin, 'text')}"]

    # Of all tokens of a status, other filters may leave nothing.
    is_status_alone = all(each.column.type is ColumnType.STATUS for each in report.filters)
    if is_status_alone and status in _HAVE_AN_INDEX:
        found = await _looked_up(connection, report, status, limit, begin, passes)
        if found is not None:
            return found
    found, rest = await rows_of_stretches(connection, report, limit, Run(begin), passes)
    if rest is None:
        return found
    if is_status_alone and status not in _HAVE_AN_INDEX:
        return await _looked_up(connection, report, status, limit, begin, passes)
    return None


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
