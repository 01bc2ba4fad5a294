"""Pages in the order of statuses: the tokens of each, in stretches of serials."""

from typing import TYPE_CHECKING, Any

from projections.columns import TOKENS
from projections.listing import ColumnType
from projections.query.arguments import Arguments
from projections.query.cursor import Position
from projections.query.report import Report
from projections.query.scope import AllOrganizations
from projections.query.sorting import exact_key_sql
from projections.query.stretches import Run, rows_of_stretches

if TYPE_CHECKING:
    from projections.query.database import Reader


async def status_page(
    connection: "Reader", report: Report, limit: int, after: Position | None
) -> list[Any] | None:
    """The page as `page_statement` has it, of reports sorted by status; None for others, and where a status has too
    few tokens to be found in the first stretches.
    """
    column = report.sort.column
    if report.listing is not TOKENS or column is None or column.type is not ColumnType.STATUS:
        return None
    if report.among or not isinstance(report.scope, AllOrganizations):
        return None
    statuses = list(enumerate(column.choices, 1))
    if report.sort.descending:
        statuses.reverse()
    reached = None if after is None else after.sort_key
    if reached is not None:
        statuses = statuses[[number for number, _ in statuses].index(int(str(reached))) :]
    records: list[Any] = []
    for number, status in statuses:
        begin = after.row_key if after is not None and number == reached else None

        def passes(arguments: Arguments, status: str = status, begin: str | None = begin) -> list[str]:
            later = [] if begin is None else [f"{exact_key_sql(TOKENS)} > {arguments.bind(begin, 'text')}"]
            return [f"status = '{status}'", *later]

        found, rest = await rows_of_stretches(connection, report, limit - len(records), Run(begin), passes)
        records += found
        if rest is not None:
            return None
        if len(records) == limit:
            break
    return records
