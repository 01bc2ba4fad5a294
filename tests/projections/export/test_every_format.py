"""Each kind of file holds the cells of the report, neither more nor less."""

import random
from collections.abc import Sequence

import asyncpg
import pytest

from projections.columns import COLUMNS, STANDARD_COLUMNS
from projections.export.formats import Format
from schemas.instants import format_instant
from tests.projections.export.conftest import Export
from tests.projections.export.reading import Row, rows_of
from tests.projections.export.texts import TEXTS
from tests.projections.read.companies import random_tokens
from tests.projections.read.conftest import NOW, Ask, microseconds
from tests.projections.read.stored import KEYS, ReportRow, ordered, rows_at, store, token

FORMATS = [str(each) for each in Format]
TEXT_KEYS = [key for key in KEYS[1:] if COLUMNS[KEYS.index(key)].type == "text"]


def settings_of(format_: str) -> dict[str, str]:
    """What makes a file hold the cells as they are, known by their keys."""
    return {
        "format": format_,
        **({"header": "keys"} if format_ in ("csv", "xlsx") else {}),
        **({"raw": "true"} if format_ == "csv" else {}),
    }


def in_file(format_: str, rows: Sequence[Row | ReportRow]) -> list[Row]:
    """Rows as a file of that kind can tell them: sheets have no lists."""
    if format_ in ("jsonl", "parquet"):
        return [dict(row) for row in rows]
    return [
        {
            key: (",".join(cell) or None) if isinstance(cell, list) else cell or None
            for key, cell in row.items()
        }
        for row in rows
    ]


@pytest.mark.parametrize("format_", FORMATS)
async def test_it_is_the_report_of_the_reference_and_of_the_api(
    export: Export, ask: Ask, writer: asyncpg.Connection, format_: str
) -> None:
    stored = random_tokens(random.Random(51), 150)
    await store(writer, *stored)
    at = random.Random(52).choice([row.new_at for row in stored if row.new_at])
    report = rows_at(stored, at)
    given = {"as_of": format_instant(microseconds(at)), "columns": "all,anomalies"}
    for sort in ("token_serial", "-status", "-term_years", "expiration_date", "description"):
        rows = rows_of(format_, await export(len(report), **settings_of(format_), **given, sort=sort))
        assert rows == in_file(format_, ordered(report, sort.removeprefix("-"), sort.startswith("-")))
        page = await ask(**given, sort=sort, limit="1000")
        assert rows == in_file(format_, page.rows)
    by_serial = rows_of(format_, await export(**settings_of(format_), **given))
    assert [row["token_serial"] for row in by_serial] == [row["token_serial"] for row in report]


@pytest.mark.parametrize("format_", FORMATS)
async def test_any_text_is_as_it_is(
    export: Export, ask: Ask, writer: asyncpg.Connection, format_: str
) -> None:
    for number, text in enumerate(TEXTS):
        await store(
            writer,
            token(f"A{number:03}", NOW, part_number=text),
            token(f"B{number:03}", NOW, **dict.fromkeys(TEXT_KEYS, text)),
        )
    rows = rows_of(format_, await export(2 * len(TEXTS), **settings_of(format_), columns="all,anomalies"))
    assert rows == in_file(format_, (await ask(columns="all,anomalies", limit="1000")).rows)
    assert [row["part_number"] for row in rows] == [*TEXTS, *TEXTS]


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("column", ["token_serial", "part_number", "term_years", "order_date", "anomalies"])
async def test_a_column_may_be_alone_and_empty(
    export: Export, ask: Ask, writer: asyncpg.Connection, format_: str, column: str
) -> None:
    await store(writer, token("T", NOW), token("U", NOW, anomalies=["order_missing"], part_number="x"))
    rows = rows_of(format_, await export(2, **settings_of(format_), columns=column))
    expected = in_file(format_, (await ask(columns=column)).rows)
    if format_ == "xlsx":  # rows at the end that are all empty are as good as none in a sheet
        expected = [row for row in expected if row[column] is not None]
        rows = [row for row in rows if row[column] is not None]
    assert rows == expected


@pytest.mark.parametrize("format_", FORMATS)
async def test_a_report_without_rows_is_a_file_without_rows(export: Export, format_: str) -> None:
    content = await export(0, format=format_)
    if format_ == "csv":
        assert content.decode().count(",") == len(STANDARD_COLUMNS) - 1
    elif format_ == "jsonl":
        assert content == b""
    else:
        assert rows_of(format_, content) == []


@pytest.mark.parametrize("format_", FORMATS)
async def test_columns_are_those_asked_for_in_that_order(
    export: Export, writer: asyncpg.Connection, format_: str
) -> None:
    await store(writer, token("T", NOW, org_id="ORG"))
    [row] = rows_of(format_, await export(**settings_of(format_), columns="status,org_id,token_serial"))
    assert list(row.items()) == [("status", "New"), ("org_id", "ORG"), ("token_serial", "T")]
    [row] = rows_of(format_, await export(**settings_of(format_), columns="all"))
    assert list(row) == KEYS
