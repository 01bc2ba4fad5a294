"""What a program finds in a Parquet file besides the cells."""

import io

import asyncpg
import pyarrow as pa
import pyarrow.parquet
import pytest

from projections.columns import COLUMNS
from projections.export import parquet_file
from tests.projections.export.conftest import Export
from tests.projections.export.reading import rows_of
from tests.projections.read.conftest import NOW
from tests.projections.read.stored import store, token


async def test_columns_have_their_types(export: Export) -> None:
    schema = pa.parquet.read_schema(io.BytesIO(await export(format="parquet", columns="all,anomalies")))
    assert schema.names == [column.key for column in COLUMNS]
    for column in COLUMNS:
        type_ = schema.field(column.key).type
        match column.type:
            case "text":
                assert type_ == pa.string()
            case "number":
                assert type_ == pa.int32()
            case "date":
                assert type_ == pa.date32()
            case "status":
                assert type_ == pa.dictionary(pa.int32(), pa.string())
            case "list":
                assert type_.value_type == pa.string()


async def test_it_says_what_it_is_and_as_of_when(export: Export) -> None:
    content = await export(format="parquet", columns="all,anomalies", as_of="2026-03-02T07:00:00Z")
    schema = pa.parquet.read_schema(io.BytesIO(content))
    assert {key: value for key, value in schema.metadata.items() if not key.startswith(b"ARROW")} == {
        b"title": b"service-tokens",
        b"as_of": b"2026-03-02T07:00:00Z",
        b"zone": b"America/Los_Angeles",
    }
    for column in COLUMNS:
        metadata = schema.field(column.key).metadata
        assert metadata[b"title"].decode() == column.title_in("Pacific Time")
        assert metadata[b"doc"].decode() == column.doc


async def test_rows_come_in_groups_of_a_bounded_size(
    export: Export, writer: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = [token(f"{number:04}", NOW, description="x" * 500) for number in range(3_000)]
    await store(writer, *stored)
    monkeypatch.setattr(parquet_file, "ROW_GROUP_BYTES", 100_000)
    content = await export(3_000, format="parquet", columns="token_serial,description")
    file = pa.parquet.ParquetFile(io.BytesIO(content))
    groups = [file.metadata.row_group(number).num_rows for number in range(file.metadata.num_row_groups)]
    assert len(groups) > 3
    assert sum(groups) == 3_000
    assert [row["token_serial"] for row in rows_of("parquet", content)] == [f"{n:04}" for n in range(3_000)]


async def test_an_empty_text_is_none_of_the_missing_ones(export: Export, writer: asyncpg.Connection) -> None:
    await store(writer, token("A", NOW, description=""), token("B", NOW))
    for format_ in ("parquet", "jsonl"):
        rows = rows_of(format_, await export(2, format=format_, columns="description"))
        assert rows == [{"description": ""}, {"description": None}]
