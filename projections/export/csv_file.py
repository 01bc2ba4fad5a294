"""The report as CSV, written by Postgres itself: no row in Python.

What spreadsheets would take for formulas is marked, and rows end with CR LF, where that could be compiled: elsewhere
Postgres marks the cells, which takes it a quarter longer.
"""

import csv
import io
import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from native import compiled
from projections.export.parameters import ExportRequest
from projections.export.snapshot import Write, copy_rows
from projections.listing import Column, ColumnType
from projections.query.builder import Statement, list_statement
from projections.query.filters import text_sql

if TYPE_CHECKING:
    from projections.query.database import Reader

# What a spreadsheet takes for the beginning of a formula, or skips on its way to one.
_FORMULA_STARTS = "=+-@\t\r\n"
_FORMULA_CODES = ", ".join(str(ord(character)) for character in _FORMULA_STARTS)
# Most cells begin with a letter, which is beyond: one comparison, byte by byte, tells that they need no guard.
_BEYOND_FORMULAS = chr(max(map(ord, _FORMULA_STARTS)) + 1)


async def write_csv(connection: "Reader", request: ExportRequest, write: Write) -> int:
    """Give the whole file to `write`, chunk by chunk as it takes them; the number of rows, header aside.

    `write` is first called when Postgres has the first rows, so that what fails before then leaves nothing
    written. Whatever is raised after that means that the file is not whole.
    """
    head = _header_row(request)
    rows = _rows(request)

    async def write_rows(chunk: bytes) -> None:
        nonlocal head
        converted = rows.convert(chunk)
        if head:
            converted, head = head + converted, b""
        await write(converted)

    count = await copy_rows(connection, rows.statement, write_rows, format="csv")
    if head:
        await write(head)
    return count


class _Rows(NamedTuple):
    """What Postgres is asked for, and what makes the file's rows of a piece of its answer."""

    statement: Statement
    convert: Callable[[bytes], bytes]


def _rows(request: ExportRequest) -> _Rows:
    if compiled is None:
        return _rows_in_sql(request)
    guarded = [_is_guarded(column, request) for column in request.report.columns]
    return _Rows(
        list_statement(request.report, lambda column: _cell(column, request)),
        lambda rows: compiled.csv_rows(rows, guarded),
    )


def _rows_in_sql(request: ExportRequest) -> _Rows:
    # Postgres ends rows with LF, where RFC 4180 has CR LF, and cells may hold LF too: so a mark that nobody can guess
    # is put before that of a row.
    mark = secrets.token_hex(8)
    end_of_row = f",{mark}\n".encode()

    def guarded(column: Column) -> str:
        return _cell(column, request, _guarded if _is_guarded(column, request) else str)

    return _Rows(
        list_statement(request.report, guarded, f"'{mark}'"), lambda rows: rows.replace(end_of_row, b"\r\n")
    )


def _header_row(request: ExportRequest) -> bytes:
    row = io.StringIO()
    csv.writer(row, lineterminator="\r\n").writerow(request.head_row)
    return row.getvalue().encode()


def _is_guarded(column: Column, request: ExportRequest) -> bool:
    return column.type in (ColumnType.TEXT, ColumnType.LIST) and not request.raw


def _guarded(cell: str) -> str:
    harmless, formula = f"{cell} ~>=~ '{_BEYOND_FORMULAS}'", f"ascii({cell}) in ({_FORMULA_CODES})"
    return f"case when {harmless} then {cell} when {formula} then '''' || {cell} else {cell} end"


def _cell(column: Column, request: ExportRequest, guard: Callable[[str], str] = str) -> str:
    cell = guard(text_sql(column) if column.type is ColumnType.LIST else column.key)
    if len(request.report.columns) == 1:
        # Alone in its row an empty cell would be an empty line, which readers skip: this makes it "".
        cell = f"coalesce({cell}::text, '')"
    return cell
