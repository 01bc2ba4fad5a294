"""The report as JSON Lines, an object a line, written by Postgres itself: no row in Python."""

from typing import TYPE_CHECKING

from projections.export.parameters import ExportRequest
from projections.export.snapshot import Write, copy_rows
from projections.query.builder import Statement, list_statement

if TYPE_CHECKING:
    from projections.query.database import Reader


async def write_json_lines(connection: "Reader", request: ExportRequest, write: Write) -> int:
    """Give the whole file to `write`, as `write_csv` does; the number of rows.

    Without rows it is empty, and `write` is never called. The objects are those of `GET /api/tokens`: an empty
    cell is null, a list an array, a date `YYYY-MM-DD`.
    """

    async def write_rows(chunk: bytes) -> None:
        # JSON itself leaves no character that COPY would escape but the backslash, which COPY doubles.
        await write(chunk.replace(b"\\\\", b"\\"))

    cells = list_statement(request.report, lambda column: column.key)
    rows = Statement(f"select row_to_json(cells) from ({cells.sql}) as cells", cells.arguments)
    return await copy_rows(connection, rows, write_rows, format="text")
