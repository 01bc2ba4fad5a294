"""Files as other programs read them, made into rows like those of `GET /api/tokens`."""

import csv
import io
import json
import re
from datetime import date, datetime

import openpyxl
import pyarrow.parquet
from openpyxl.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

Row = dict[str, object]
DATES = {"activation_date", "applied_date", "expiration_date", "order_date", "ship_date"}


def rows_of(format_: str, content: bytes) -> list[Row]:
    """The rows of a file whose head row, where it has one, has keys. Empty text is as good as none there."""
    match format_:
        case "csv":
            return [_typed(row) for row in csv.DictReader(io.StringIO(content.decode(), newline=""))]
        case "xlsx":
            return [row for sheet in workbook(content) for row in sheet_rows(sheet)]
        case "parquet":
            rows: list[Row] = pyarrow.parquet.read_table(io.BytesIO(content)).to_pylist()
            return rows
        case _:
            # Not by `splitlines`, for which a line ends in many ways.
            lines = content.decode().split("\n")
            assert lines.pop() == ""
            return [_with_dates(json.loads(line)) for line in lines]


def workbook(content: bytes) -> list[Worksheet]:
    """The sheets of a workbook."""
    return list(openpyxl.load_workbook(io.BytesIO(content)).worksheets)


def sheet_rows(sheet: Worksheet) -> list[Row]:
    head, *rows = sheet.iter_rows()
    return [
        {str(key.value): _sheet_value(cell) for key, cell in zip(head, row, strict=True)}  # type: ignore[arg-type]
        for row in rows
    ]


def unescaped(text: str) -> str:
    """Text as a spreadsheet shows it, where openpyxl shows what stands in the file."""
    return re.sub("_x([0-9A-F]{4})_", lambda found: chr(int(found[1], 16)), text)


def _sheet_value(cell: Cell) -> object:
    if isinstance(cell.value, datetime):
        assert cell.number_format == "yyyy-mm-dd"
        assert cell.value.time().isoformat() == "00:00:00"
        return cell.value.date()
    return unescaped(cell.value) if isinstance(cell.value, str) else cell.value


def _typed(row: dict[str, str]) -> Row:
    cells: Row = {key: text or None for key, text in row.items()}
    if row.get("term_years"):
        cells["term_years"] = int(row["term_years"])
    return _with_dates(cells)


def _with_dates(cells: Row) -> Row:
    return {
        key: date.fromisoformat(str(cell)) if key in DATES and cell is not None else cell
        for key, cell in cells.items()
    }
