"""The report as CSV, written by Postgres itself: one COPY, hence one snapshot, and no row in Python."""

import csv
import io
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from projections.export.line_ends import LineEnds
from projections.export.parameters import ExportRequest, Header
from projections.listing import Column, ColumnType
from projections.query.builder import list_statement
from projections.query.filters import text_sql

if TYPE_CHECKING:
    from projections.query.database import Reader

MEDIA_TYPE = "text/csv; charset=utf-8; header=present"

# What a spreadsheet takes for the beginning of a formula, or skips on its way to one.
_FORMULA_STARTS = "=+-@\t\r\n"
_FORMULA_CODES = ", ".join(str(ord(character)) for character in _FORMULA_STARTS)

Write = Callable[[bytes], Awaitable[None]]


class ExportCutOff(Exception):
    """Postgres ended the export without saying that it was whole."""


async def write_csv(connection: "Reader", request: ExportRequest, zone_title: str, write: Write) -> int:
    """Give the whole file to `write`, chunk by chunk as it takes them; the number of rows, header aside.

    `write` is first called when Postgres has the first rows, so that what fails before then leaves nothing
    written. Whatever is raised after that means that the file is not whole.
    """
    line_ends = LineEnds()
    head = header_row(request, zone_title)

    async def write_rows(chunk: bytes) -> None:
        nonlocal head
        converted = line_ends.convert(chunk)
        if head:
            converted, head = head + converted, b""
        await write(converted)

    statement = list_statement(request.report, lambda column: _cell(column, request))
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        # A slow reader makes a slow statement: an export has no time of its own to be done in.
        await connection.execute("set local statement_timeout = 0")
        status = await connection.copy_from_query(
            statement.sql, *statement.arguments, output=write_rows, format="csv"
        )
    if not status.startswith("COPY "):
        raise ExportCutOff(f"Postgres ended the export with {status!r}")
    if head:
        await write(head)
    return int(status.removeprefix("COPY "))


def header_row(request: ExportRequest, zone_title: str) -> bytes:
    """The first row."""
    row = io.StringIO()
    keys = request.header is Header.KEYS
    cells = [column.key if keys else column.title_in(zone_title) for column in request.report.columns]
    csv.writer(row, lineterminator="\r\n").writerow(cells)
    return row.getvalue().encode()


def _cell(column: Column, request: ExportRequest) -> str:
    cell = text_sql(column) if column.type is ColumnType.LIST else column.key
    if column.type is ColumnType.TEXT and not request.raw:
        cell = f"case when ascii({cell}) in ({_FORMULA_CODES}) then '''' || {cell} else {cell} end"
    if len(request.report.columns) == 1:
        # Alone in its row an empty cell would be an empty line, which readers skip: this makes it "".
        cell = f"coalesce({cell}::text, '')"
    return cell
