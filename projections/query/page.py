"""One page of the report, read from Postgres."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from projections.columns import TOKENS
from projections.query.arguments import Arguments
from projections.query.builder import page_statement
from projections.query.by_serial import late_rows, serial_page
from projections.query.by_status import status_page
from projections.query.cursor import Position, encode_cursor
from projections.query.database import snapshot
from projections.query.lower_case import lower_case_page
from projections.query.narrowing import MOST_FOR_COUNT, MOST_FOR_PAGE, narrowed
from projections.query.report import Report
from projections.query.tallies import count_sql
from projections.query.walking import sorted_page

if TYPE_CHECKING:
    from projections.query.database import Reader


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page: `limit` rows at most, those that come `after` a position, and whether to count the list."""

    report: Report
    limit: int
    after: Position | None = None
    count: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Rows as objects of column keys, in order; the cursor of the next page, None on the last."""

    rows: list[dict[str, object]]
    next: str | None
    count: int | None

    def as_json(self) -> dict[str, object]:
        """The object that the API and `tokens query --json` give."""
        body: dict[str, object] = {"rows": self.rows, "next": self.next}
        return body if self.count is None else {**body, "count": self.count}


async def read_page(connection: "Reader", request: PageRequest) -> Page:
    """The page, and the count of the whole list in the same snapshot."""
    report = request.report
    is_sorted = report.sort.column is not None
    async with snapshot(connection, is_needed=request.count or is_sorted or bool(report.filters)):
        records = await _read_rows(connection, request)
        count = await _count(connection, report) if request.count else None
    keys = [column.key for column in report.columns]
    rows = [dict(zip(keys, record, strict=False)) for record in records[: request.limit]]
    after = None
    if len(records) > request.limit:
        *_, sort_key, row_key = records[request.limit - 1]
        after = encode_cursor(Position(report.as_of, sort_key, row_key), report.fingerprint())
    return Page(rows, after, count)


async def _read_rows(connection: "Reader", request: PageRequest) -> list[Any]:
    """One row more than asked for, which tells whether there is a next page."""
    limit = request.limit + 1
    records = await serial_page(connection, request.report, limit, request.after)
    if records is not None:
        return records
    report = await narrowed(connection, request.report, MOST_FOR_PAGE)
    for find in (lower_case_page, status_page, sorted_page, _late_page):
        records = await find(connection, report, limit, request.after)
        if records is not None:
            return records
    statement = page_statement(report, limit, request.after)
    return await connection.fetch(statement.sql, *statement.arguments)


async def _late_page(
    connection: "Reader", report: Report, limit: int, after: Position | None
) -> list[Any] | None:
    """The page as `page_statement` has it, of which the serials are found first: sorting whole rows takes twice as
    long. None where rows are few or come in order.
    """
    if report.listing is not TOKENS or report.sort.column is None or report.among:
        return None
    return await late_rows(connection, report, limit, after)


async def read_count(connection: "Reader", report: Report) -> int:
    """How many rows the whole list has."""
    async with snapshot(connection, is_needed=report.listing is TOKENS):
        return await _count(connection, report)


async def _count(connection: "Reader", report: Report) -> int:
    report, arguments = await narrowed(connection, report, MOST_FOR_COUNT), Arguments()
    sql = await count_sql(connection, report, (), arguments)
    # Asked for one row alone (`fetchval`), Postgres would not have several processes count.
    [(count,)] = await connection.fetch(sql, *arguments.values)
    return int(count)
