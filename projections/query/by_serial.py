"""Pages in the order of serials: of those that are known to be all that can pass, or stretch by stretch of all."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lifecycle.stages import Status
from projections.columns import TOKENS
from projections.listing import ColumnType, Operator
from projections.query.arguments import Arguments
from projections.query.builder import page_statement
from projections.query.by_status import rows_of_status
from projections.query.cursor import Position
from projections.query.lookups import First
from projections.query.narrowing import MOST_FOR_PAGE, narrowed
from projections.query.report import Among, Report
from projections.query.scope import AllOrganizations
from projections.query.sorting import exact_key_sql
from projections.query.stretches import Conditions, Run, known_rows, rows_of_run

if TYPE_CHECKING:
    from projections.query.database import Reader

_FIRST = 4
"""Pages of serials that are looked up first; then all of them."""
_OF_OWNERS_INDEX = ("token_serial", "org_id", "status", "expiration_date")
"""Cells that are told by the index of owners, `tokens_owned`, alone."""


async def serial_page(
    connection: "Reader", report: Report, limit: int, after: Position | None
) -> list[Any] | None:
    """The page as `page_statement` has it of a report that is not sorted otherwise; None of others."""
    if report.listing is not TOKENS or report.sort.column is not None:
        return None
    begin = "" if after is None else after.row_key
    is_of_all = isinstance(report.scope, AllOrganizations)
    status = _status_alone(report)
    if is_of_all and status is not None:
        return await rows_of_status(connection, report, status, limit, begin)
    # Of the first of all organizations, some may have nothing.
    first = First(begin, _FIRST * limit) if is_of_all else None
    found = await narrowed(connection, report, MOST_FOR_PAGE, first)
    if not found.among and is_of_all:
        return await _rows_of_all(connection, report, limit, begin)
    if any(among.key != TOKENS.key for among in found.among) or not found.among:
        return await _rows_of_owners(connection, found, limit, after)
    records = await known_rows(connection, found, limit, begin, lambda _: ())
    if len(records) == limit or not any(among.has_more for among in found.among):
        return records
    begin, limit = found.among[0].cells[-1], limit - len(records)
    found = await narrowed(connection, report, MOST_FOR_PAGE)
    if not found.among:
        return records + await _rows_of_all(connection, report, limit, begin)
    return records + await known_rows(connection, found, limit, begin, lambda _: ())


async def _rows_of_all(connection: "Reader", report: Report, limit: int, begin: str) -> list[Any]:
    return await rows_of_run(connection, report, limit, Run(begin or None), _behind(begin))


def _behind(begin: str) -> Conditions:
    def are_behind(arguments: Arguments) -> Sequence[str]:
        return (f"{exact_key_sql(TOKENS)} > {arguments.bind(begin, 'text')}",) if begin else ()

    return are_behind


async def _rows_of_owners(
    connection: "Reader", report: Report, limit: int, after: Position | None
) -> list[Any]:
    """The page of what owners or stations have. Where an index tells alone which ones pass, it is asked first."""
    keys = {each.column.key for each in report.filters}
    if keys - {"org_id"} and keys.issubset(_OF_OWNERS_INDEX):
        return await late_rows(connection, report, limit, after)
    statement = page_statement(report, limit, after)
    return await connection.fetch(statement.sql, *statement.arguments)


async def late_rows(connection: "Reader", report: Report, limit: int, after: Position | None) -> list[Any]:
    """The page as `page_statement` has it, of which the serials are found first, and then their rows."""
    found = page_statement(replace(report, columns=()), limit, after)
    serials = [serial for _, serial in await connection.fetch(found.sql, *found.arguments)]
    statement = page_statement(replace(report, among=(Among(TOKENS.key, serials),)), limit, None)
    return await connection.fetch(statement.sql, *statement.arguments)


def _status_alone(report: Report) -> Status | None:
    """The one status that all rows of a report have, where it is held to nothing else."""
    if len(report.filters) != 1 or report.filters[0].column.type is not ColumnType.STATUS:
        return None
    only = report.filters[0]
    return Status(only.values[0]) if only.operator is Operator.IS else None
