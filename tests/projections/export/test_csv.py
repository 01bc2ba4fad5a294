"""The whole report as CSV: what is in it."""

import csv
import io
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime

import asyncpg
import pytest

from native import compiled
from projections.columns import COLUMNS, STANDARD_COLUMNS
from projections.export import csv_file
from projections.export.csv_file import write_csv
from projections.export.parameters import read_export_request
from projections.listings import LISTINGS
from projections.query.database import reading
from projections.query.refusal import BadQuery
from projections.query.scope import AllOrganizations
from schemas.instants import format_instant
from tests.projections.read.companies import TEXTS, random_tokens
from tests.projections.read.conftest import PACIFIC, Ask, microseconds
from tests.projections.read.stored import KEYS, MICROSECOND, ordered, rows_at, shown, store, token

AT = datetime.fromisoformat("2026-01-08T00:00:00+00:00")
Export = Callable[..., Awaitable[bytes]]


@pytest.fixture(params=["compiled", "in SQL"])
def rows_made(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is in a file is tried twice: with rows finished by what is compiled, and by Postgres alone."""
    if request.param == "in SQL":
        monkeypatch.setattr(csv_file, "compiled", None)
    elif compiled is None:
        pytest.skip("nothing is compiled here")


@pytest.fixture
async def export(database_url: str, rows_made: None) -> AsyncIterator[Export]:
    """Exports with the parameters of the API; now is `AT`."""
    async with reading(database_url, statement_timeout_s=30) as connection:

        async def exported(filters: list[str] | None = None, **given: str) -> bytes:
            pairs = [("filter", text) for text in filters or ()] + list(given.items())
            request = read_export_request(pairs, AllOrganizations(), microseconds(AT), PACIFIC)
            content = bytearray()

            async def write(chunk: bytes) -> None:
                content.extend(chunk)

            count = await write_csv(connection, request, write)
            assert count == len(_rows(bytes(content))) - 1
            return bytes(content)

        yield exported


def _rows(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8"), newline=""), strict=True))


async def test_reading_it_gives_the_rows_of_the_report(export: Export, writer: asyncpg.Connection) -> None:
    stored = random_tokens(random.Random(21), 150)
    await store(writer, *stored)
    for sort in ("token_serial", "-status", "term_years", "-anomalies", "description"):
        titles, *rows = _rows(await export(sort=sort, columns="all,anomalies", raw="true"))
        expected = ordered(rows_at(stored, AT), sort.removeprefix("-"), sort.startswith("-"))
        assert rows == [[shown(cell) or "" for cell in row.values()] for row in expected]
    assert titles == [column.title_in("Pacific Time") for column in COLUMNS]
    by_serial = _rows(await export(raw="true"))[1:]
    assert [row[0] for row in by_serial] == [row["token_serial"] for row in rows_at(stored, AT)]


async def test_rows_end_with_cr_lf_and_cells_stay_as_they_are(
    export: Export, writer: asyncpg.Connection
) -> None:
    await store(writer, token("T", AT, description='two\nlines, "quoted"'), token("U", AT))
    content = await export(columns="token_serial,description,status")
    assert content == b'Token S/N,Description,Status\r\nT,"two\nlines, ""quoted""",New\r\nU,,New\r\n'


async def test_cells_of_commas_quotes_and_line_ends_are_read_back_and_guarded(
    export: Export, writer: asyncpg.Connection
) -> None:
    dice = random.Random(7)
    texts = ["".join(dice.choices('=,"\n\r\t-ab', k=dice.randrange(6))) or None for _ in range(600)]
    keys = ["description", "customer_name", "purchase_order"]
    stored = [
        token(f"T{number:03}", AT, **dict(zip(keys, texts[number::200], strict=True)))
        for number in range(200)
    ]
    await store(writer, *stored)
    for columns in (keys, ["term_years", *keys[:1]]):
        rows = _rows(await export(columns=",".join(["token_serial", *columns])))[1:]
        for number, row in enumerate(rows):
            cells = [getattr(stored[number], column) or "" for column in columns]
            guarded = [f"'{cell}" if cell[:1] in set("=-\n\r\t") and cell else cell for cell in cells]
            assert row == [stored[number].token_serial, *guarded]


async def test_lists_of_serials_are_guarded(writer: asyncpg.Connection, database_url: str) -> None:
    await store(writer, token("=T", AT, available_at=AT, station_serial="S", applied_date=AT.date()))
    request = read_export_request(
        [("columns", "station_serial,queued_tokens")],
        AllOrganizations(),
        microseconds(AT),
        PACIFIC,
        LISTINGS["stations"],
    )
    content = bytearray()

    async def write(chunk: bytes) -> None:
        content.extend(chunk)

    async with reading(database_url, statement_timeout_s=30) as connection:
        await write_csv(connection, request, write)
    assert _rows(bytes(content))[1:] == [["S", "'=T"]]


@pytest.mark.skipif(compiled is None, reason="nothing is compiled here")
@pytest.mark.parametrize("rows", [b"a,b", b'"abc', b'""', b'"abc\n', b'"a""', b'a\n"'])
def test_rows_that_are_not_whole_are_refused(rows: bytes) -> None:
    with pytest.raises(ValueError, match="no end"):
        compiled.csv_rows(rows, [True, True])


async def test_the_22_columns_are_exported_unless_others_are_named(export: Export) -> None:
    titles = ",".join(column.title_in("Pacific Time") for column in STANDARD_COLUMNS)
    assert await export() == await export(columns="all") == titles.encode() + b"\r\n"
    assert await export(header="keys") == ",".join(KEYS).encode() + b"\r\n"
    assert await export(header="titles", columns="status,anomalies") == b"Status,Anomalies\r\n"


async def test_anomalies_are_their_names_joined_by_commas(export: Export, writer: asyncpg.Connection) -> None:
    await store(writer, token("T", AT, anomalies=["line_cancelled", "order_missing"]), token("U", AT))
    assert _rows(await export(columns="anomalies,token_serial"))[1:] == [
        ["line_cancelled,order_missing", "T"],
        ["", "U"],
    ]


@pytest.mark.parametrize("column", ["station_name", "term_years", "order_date", "anomalies"])
async def test_an_empty_cell_alone_in_its_row_is_no_empty_line(
    export: Export, writer: asyncpg.Connection, column: str
) -> None:
    await store(writer, token("T", AT))
    assert (await export(columns=column, header="keys")).decode() == f'{column}\r\n""\r\n'


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "\nx", "=", '="a"', "-"])
async def test_what_a_spreadsheet_would_run_is_guarded(
    export: Export, writer: asyncpg.Connection, text: str
) -> None:
    await store(writer, token(f"=T{text}", AT, part_number=text, org_name=text))
    [row] = _rows(await export(columns="token_serial,part_number,org_name,status"))[1:]
    assert row == [f"'=T{text}", f"'{text}", f"'{text}", "New"]
    [row] = _rows(await export(columns="token_serial,part_number,org_name,status", raw="true"))[1:]
    assert row == [f"=T{text}", text, text, "New"]


@pytest.mark.parametrize("text", ["a=1", "1-1", " =1", "'=1", "", "ä", "＝1"])
async def test_other_text_is_as_it_is(export: Export, writer: asyncpg.Connection, text: str) -> None:
    await store(writer, token("T", AT, part_number=text))
    assert _rows(await export(columns="token_serial,part_number"))[1] == ["T", text]


async def test_dates_and_numbers_are_never_guarded(export: Export, writer: asyncpg.Connection) -> None:
    await store(writer, token("T", AT, term_years=-3))
    assert _rows(await export(columns="term_years,token_serial"))[1] == ["-3", "T"]


async def test_values_reach_the_query_as_they_are(
    export: Export, ask: Ask, writer: asyncpg.Connection
) -> None:
    await store(writer, *random_tokens(random.Random(22), 80))
    at = format_instant(microseconds(AT))
    for text in [text for text in TEXTS if text] + ["$1", "$2", "E'\\'", "\\'; --", "''", "$$", "%s", "{}"]:
        for operator in ("contains", "does_not_contain", "is", "in"):
            filters = [f"description:{operator}:{text}", f"part_number:is_not:{text}"]
            page = await ask(filters, limit="1000", as_of=at, columns="token_serial", match="any")
            rows = _rows(await export(filters, columns="token_serial", raw="true", match="any"))
            assert [serial for (serial,) in rows[1:]] == [row["token_serial"] for row in page.rows], text


async def test_an_export_is_of_the_instant_asked_for(export: Export, writer: asyncpg.Connection) -> None:
    await store(writer, token("NOW", AT), token("LATER", AT + MICROSECOND))
    assert [row[0] for row in _rows(await export())[1:]] == ["NOW"]
    later = await export(as_of=format_instant(microseconds(AT + MICROSECOND)))
    assert [row[0] for row in _rows(later)[1:]] == ["LATER", "NOW"]


@pytest.mark.parametrize("name", ["limit", "after", "count"])
async def test_what_would_make_it_a_part_is_refused(export: Export, name: str) -> None:
    with pytest.raises(BadQuery, match="whole list"):
        await export(**{name: "1"})


@pytest.mark.parametrize(
    "given",
    [
        {"format": "xls"},
        {"format": ""},
        {"header": "none"},
        {"raw": "1"},
        {"columns": "nope"},
        {"delimiter": ";"},
    ],
)
async def test_other_wrong_parameters_are_refused(export: Export, given: dict[str, str]) -> None:
    with pytest.raises(BadQuery) as refused:
        await export(**given)
    [refusal] = refused.value.refusals
    assert refusal.parameter in given
    assert refusal.allowed
