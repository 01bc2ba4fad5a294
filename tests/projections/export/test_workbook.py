"""What a spreadsheet gets besides the cells."""

import io
import zipfile
from datetime import date, datetime

import asyncpg
import openpyxl
import pytest

from projections.columns import STANDARD_COLUMNS
from projections.export import xlsx_file
from projections.export.xlsx_rows import MAX_CELL_CHARACTERS, RowsAsXml
from tests.projections.export.conftest import Export
from tests.projections.export.reading import rows_of, sheet_rows, workbook
from tests.projections.read.conftest import NOW
from tests.projections.read.stored import store, token


async def test_numbers_and_dates_are_such_and_text_is_text(
    export: Export, writer: asyncpg.Connection
) -> None:
    day = date(2026, 3, 2)
    await store(writer, token("007", NOW, part_number="=1+1", term_years=3, order_date=day, description="42"))
    [sheet] = workbook(await export(format="xlsx", columns="all,anomalies"))
    kinds = {head.value: (cell.data_type, cell.value) for head, cell in zip(*sheet.iter_rows(), strict=True)}
    assert kinds["Token S/N"] == ("s", "007")
    assert kinds["Part No."] == ("s", "=1+1")
    assert kinds["Description"] == ("s", "42")
    assert kinds["Term (Years)"] == ("n", 3)
    assert kinds["Order Date"] == ("d", datetime(2026, 3, 2))
    assert kinds["Status"] == ("s", "New")
    assert kinds["Ship Date"][1] is kinds["Anomalies"][1] is None


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@x", "\t=1", '=HYPERLINK("http://x")', "http://x", "'=1"]
)
async def test_nothing_is_a_formula_or_a_link(export: Export, writer: asyncpg.Connection, text: str) -> None:
    await store(writer, token(text, NOW, description=text))
    content = await export(format="xlsx", columns="token_serial,description")
    [sheet] = workbook(content)
    assert [[cell.data_type for cell in row] for row in sheet.iter_rows(min_row=2)] == [["s", "s"]]
    assert rows_of("xlsx", content) == [{"Token S/N": text, "Description": text}]
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        sheet_xml = parts.read("xl/worksheets/sheet1.xml").decode()
        assert not any("hyperlink" in name for name in parts.namelist())
    assert "<f>" not in sheet_xml
    assert "<hyperlink" not in sheet_xml


async def test_the_first_row_has_titles_and_stays_in_sight(
    export: Export, writer: asyncpg.Connection
) -> None:
    await store(writer, token("ST-000000001", NOW, description="x" * 400, order_date=date(2026, 3, 2)))
    [sheet] = workbook(await export(format="xlsx"))
    titles = [column.title_in("Pacific Time") for column in STANDARD_COLUMNS]
    assert [cell.value for cell in sheet[1]] == titles
    assert all(cell.font.bold and cell.alignment.wrap_text for cell in sheet[1])
    assert sheet.freeze_panes == "A2"
    assert sheet.title == "Service tokens"
    letters = [cell.coordinate.rstrip("1") for cell in sheet[1]]
    widths = {sheet[f"{each}1"].value: sheet.column_dimensions[each].width for each in letters}
    assert widths["Token S/N"] > len("ST-000000001")
    assert widths["Order Date"] > len("2026-03-02")
    assert widths["Activation Date (Pacific Time)"] < 16
    assert 50 < widths["Description"] < 70


async def test_the_file_says_what_it_is_and_as_of_when(export: Export) -> None:
    book = openpyxl.load_workbook(io.BytesIO(await export(format="xlsx", as_of="2026-03-02T07:00:00Z")))
    assert book.properties.title == "Service tokens"
    assert book.properties.description == "As of 2026-03-02T07:00:00Z, dates in America/Los_Angeles"


@pytest.mark.parametrize(("limit", "value"), [("MAX_SHEET_ROWS", 41), ("MAX_SHEET_BYTES", 12_000)])
async def test_what_is_too_much_for_a_sheet_goes_on_in_the_next(
    export: Export, writer: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch, limit: str, value: int
) -> None:
    # Long enough that Postgres sends them in several pieces.
    stored = [token(f"{number:04}", NOW, description="x" * 500) for number in range(1_000)]
    await store(writer, *stored)
    monkeypatch.setattr(xlsx_file, limit, value)
    content = await export(1_000, format="xlsx", columns="token_serial,description,order_date")
    sheets = workbook(content)
    assert [sheet.title for sheet in sheets[:2]] == ["Service tokens", "Service tokens 2"]
    if limit == "MAX_SHEET_ROWS":
        assert [len(sheet_rows(sheet)) for sheet in sheets] == [40] * 25
    else:
        assert len(sheets) > 2
    assert [cell.value for sheet in sheets for cell in sheet[1]] == (
        ["Token S/N", "Description", "Order Date"] * len(sheets)
    )
    assert all(sheet.freeze_panes == "A2" for sheet in sheets)
    assert [row["Token S/N"] for row in rows_of("xlsx", content)] == [f"{n:04}" for n in range(1_000)]


@pytest.mark.parametrize("character", ["x", "&", "\n", "🔌"])
async def test_a_text_that_no_cell_holds_says_that_it_was_cut(
    export: Export, writer: asyncpg.Connection, character: str
) -> None:
    units = len(character.encode("utf-16-le")) // 2
    fits = character * (MAX_CELL_CHARACTERS // units)
    await store(writer, token("A", NOW, description=fits), token("B", NOW, description=fits + character))
    first, second = rows_of("xlsx", await export(2, format="xlsx", columns="description"))
    assert first["Description"] == fits
    cut = str(second["Description"])
    assert cut.endswith(f"{character} [… cut off: a cell of a sheet holds no more]")
    assert len(cut.encode("utf-16-le")) // 2 in (MAX_CELL_CHARACTERS, MAX_CELL_CHARACTERS - 1)


def test_the_columns_of_a_sheet_have_letters() -> None:
    columns = [STANDARD_COLUMNS[0]] * 703
    xml = RowsAsXml(columns, "1").xml(["\t".join("x" * 703)], 7)
    assert [xml.count(f'r="{name}7"') for name in ("A", "Z", "AA", "AZ", "BA", "ZZ", "AAA")] == [1] * 7
