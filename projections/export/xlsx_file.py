"""The report as a workbook for spreadsheets, written while the rows come: memory holds a piece of it at a time."""

import zipfile
from collections.abc import Sequence
from typing import IO, TYPE_CHECKING

from projections.export.outlet import Outlet
from projections.export.parameters import ExportRequest
from projections.export.snapshot import Write, copy_rows
from projections.export.xlsx_parts import FIRST_PARTS, SheetFrame, other_parts, sheet_frame, sheet_name
from projections.export.xlsx_rows import RowsAsXml, cell_sql
from projections.listing import ColumnType
from projections.query.builder import list_statement

if TYPE_CHECKING:
    from projections.query.database import Reader

MAX_SHEET_ROWS = 1_048_576
"""Of a sheet, the row of titles included: what Excel opens."""

MAX_SHEET_BYTES = 2_000_000_000
"""Of a sheet's XML. Larger parts need ZIP64, and of those that are streamed Excel says that they are damaged."""

# Of what is measured for the widths of the columns.
_SAMPLE_ROWS = 500
_WIDEST = 60
_DATE_WIDTH = 11
# Level 6 makes the file a quarter smaller, and takes three times as long for it.
_COMPRESSION_LEVEL = 1


async def write_xlsx(connection: "Reader", request: ExportRequest, write: Write) -> int:
    """Give the whole file to `write`, as `write_csv` does; the number of rows, titles aside.

    Python works on each row here: where others wait for the event loop, this is not the place for it.
    """
    workbook = _Workbook(request)

    async def write_rows(chunk: bytes) -> None:
        workbook.add(chunk.decode().split("\n")[:-1])
        if written := workbook.outlet.take():
            await write(written)

    statement = list_statement(request.report, cell_sql)
    with workbook:
        rows = await copy_rows(connection, statement, write_rows, format="text")
        workbook.finish()
    await write(workbook.outlet.take())
    return rows


class _Workbook:
    """Sheets one after the other, and at the end what says how many there are."""

    def __init__(self, request: ExportRequest) -> None:
        self.outlet = Outlet()
        self._request = request
        self._zip = zipfile.ZipFile(
            self.outlet,
            "w",
            zipfile.ZIP_DEFLATED,
            compresslevel=_COMPRESSION_LEVEL,
        )
        self._widths: list[float] = []
        self._sheets = 0
        self._sheet: IO[bytes] | None = None
        self._frame = SheetFrame(b"", b"", "")
        self._rows = RowsAsXml((), "")
        self._next_row = 0
        self._sheet_bytes = 0

    def __enter__(self) -> "_Workbook":
        return self

    def __exit__(self, *_: object) -> None:
        """Close what is open, else it complains when it is collected; nobody takes what that writes."""
        if self._sheet is not None:
            self._sheet.close()
        self._zip.close()

    def add(self, lines: Sequence[str]) -> None:
        """Write rows in COPY's text format."""
        while lines:
            if self._sheet is None:
                self._begin_sheet(lines)
            assert self._sheet is not None
            fitting = lines[: MAX_SHEET_ROWS + 1 - self._next_row]
            xml = self._rows.xml(fitting, self._next_row).encode()
            self._sheet.write(xml)
            self._sheet_bytes += len(xml)
            self._next_row += len(fitting)
            lines = lines[len(fitting) :]
            if self._next_row > MAX_SHEET_ROWS or self._sheet_bytes > MAX_SHEET_BYTES:
                self._end_sheet()

    def finish(self) -> None:
        """Write what is left. A list without rows is a sheet of titles."""
        if self._sheets == 0:
            self._begin_sheet(())
        if self._sheet is not None:
            self._end_sheet()
        parts = other_parts(self._request, self._sheets)
        self._write_parts({name: parts[name] for name in parts if name not in FIRST_PARTS})

    def _begin_sheet(self, sample: Sequence[str]) -> None:
        if self._sheets == 0:
            self._widths = _widths(self._request, sample)
            parts = other_parts(self._request, sheets=1)
            self._write_parts({name: parts[name] for name in FIRST_PARTS})
        self._sheets += 1
        # All but the first are alike.
        if self._sheets <= 2:
            self._frame = sheet_frame(self._request, self._widths, self._sheets)
            self._rows = RowsAsXml(self._request.report.columns, self._frame.date_style)
        self._sheet = self._zip.open(sheet_name(self._sheets), "w")
        self._sheet.write(self._frame.head)
        self._next_row = 2
        self._sheet_bytes = 0

    def _end_sheet(self) -> None:
        assert self._sheet is not None
        self._sheet.write(self._frame.foot)
        self._sheet.close()
        self._sheet = None

    def _write_parts(self, parts: dict[str, bytes]) -> None:
        for name, part in parts.items():
            with self._zip.open(name, "w") as entry:
                entry.write(part)


def _widths(request: ExportRequest, sample: Sequence[str]) -> list[float]:
    """Room for the longest word of each title and for the cells of the sample, within reason."""
    rows = [line.split("\t") for line in sample[:_SAMPLE_ROWS]]
    widths: list[float] = []
    for place, (column, title) in enumerate(zip(request.report.columns, request.head_row, strict=True)):
        word = max(map(len, title.split()), default=0) + 2
        cell = max((len(row[place]) for row in rows), default=0) + 1
        if column.type is ColumnType.DATE:
            cell = _DATE_WIDTH
        widths.append(min(max(word, cell), _WIDEST))
    return widths
