"""Pages in the order of serials, found in one stretch of serials after the other.

Postgres would go through all serials in order until the page is full, not knowing that few rows pass, or that those
that do come late; and it would put all earlier spans in order beside them.
"""

from typing import TYPE_CHECKING, Any

from projections.columns import TOKENS
from projections.query.arguments import Arguments
from projections.query.builder import ordered_statement, page_cells, rows_sql
from projections.query.cursor import Position
from projections.query.report import Report
from projections.query.scope import AllOrganizations
from projections.query.sorting import exact_key_sql

if TYPE_CHECKING:
    from projections.query.database import Reader

_STRETCHES = (2_000, 8_000, 64_000)
"""So many serials are gone through. Where these do not fill the page, all that pass are found first, then sorted."""

_END = "select token_serial from tokens where token_serial > $1 order by token_serial offset $2 limit 1"


async def serial_page(
    connection: "Reader", report: Report, limit: int, after: Position | None
) -> list[Any] | None:
    """The page as `page_statement` has it; None where that finds it as fast."""
    if report.listing is not TOKENS or report.sort.column is not None or report.among:
        return None
    if not isinstance(report.scope, AllOrganizations):
        return None
    records: list[Any] = []
    begin = "" if after is None else after.row_key
    for size in _STRETCHES:
        end: str | None = await connection.fetchval(_END, begin, size)
        records += await _rows(connection, report, limit - len(records), begin, end)
        if end is None or len(records) == limit:
            return records
        begin = end
    return records + await _rows_of_rest(connection, report, limit - len(records), begin)


async def _rows(connection: "Reader", report: Report, limit: int, begin: str, end: str | None) -> list[Any]:
    arguments = Arguments()
    exact = exact_key_sql(report.listing)
    conditions = [f"{exact} > {arguments.bind(begin, 'text')}"]
    if end is not None:
        conditions.append(f"{exact} <= {arguments.bind(end, 'text')}")
    statement = ordered_statement(report, conditions, exact, limit, arguments)
    return await connection.fetch(statement.sql, *statement.arguments)


async def _rows_of_rest(connection: "Reader", report: Report, limit: int, begin: str) -> list[Any]:
    arguments = Arguments()
    exact = exact_key_sql(report.listing)
    conditions = [f"{exact} > {arguments.bind(begin, 'text')}"]
    rows = rows_sql(report, f"{page_cells(report)} as row_key", arguments, conditions)
    # The offset keeps Postgres from going through all rows in the order of serials after all.
    sql = f"select * from ({rows} offset 0) as passing order by row_key limit {arguments.bind(limit, 'integer')}"
    return await connection.fetch(sql, *arguments.values)
