"""One page of the report, read from Postgres."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from projections.query.builder import count_statement, page_statement
from projections.query.cursor import Position, encode_cursor
from projections.query.report import Report

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
    # One row more than asked for tells whether there is a next page.
    statement = page_statement(report, request.limit + 1, request.after)
    if not request.count:
        records = await connection.fetch(statement.sql, *statement.arguments)
        count = None
    else:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            records = await connection.fetch(statement.sql, *statement.arguments)
            counting = count_statement(report)
            count = await connection.fetchval(counting.sql, *counting.arguments)
    keys = [column.key for column in report.columns]
    rows = [dict(zip(keys, record, strict=False)) for record in records[: request.limit]]
    after = None
    if len(records) > request.limit:
        *_, sort_key, row_key = records[request.limit - 1]
        after = encode_cursor(Position(report.as_of, sort_key, row_key), report.fingerprint())
    return Page(rows, after, count)
