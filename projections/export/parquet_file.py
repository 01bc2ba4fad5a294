"""The report as Parquet, in groups of rows of a fixed size: memory holds one group at a time."""

from typing import TYPE_CHECKING

import orjson
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from projections.columns import zone_title
from projections.export.outlet import Outlet
from projections.export.parameters import ExportRequest
from projections.export.snapshot import Write, copy_rows
from projections.listing import Column, ColumnType
from projections.query.builder import list_statement
from schemas.instants import format_instant

if TYPE_CHECKING:
    from projections.query.database import Reader

ROW_GROUP_BYTES = 4_000_000
"""How much CSV from Postgres becomes one group of rows: 16,000 rows of the 22 columns, more of fewer columns."""

_TYPES: dict[ColumnType, pa.DataType] = {
    ColumnType.TEXT: pa.string(),
    ColumnType.NUMBER: pa.int32(),
    ColumnType.DATE: pa.date32(),
    ColumnType.STATUS: pa.dictionary(pa.int32(), pa.string()),
    ColumnType.LIST: pa.list_(pa.field("item", pa.string(), nullable=False)),
}


async def write_parquet(connection: "Reader", request: ExportRequest, write: Write) -> int:
    """Give the whole file to `write`, as `write_csv` does; the number of rows.

    Arrow works on the rows here, a group at a time: where others wait for the event loop, this is not the place.
    """
    schema = file_schema(request)
    outlet = Outlet()
    waiting = bytearray()

    async def write_rows(chunk: bytes) -> None:
        waiting.extend(chunk)
        if len(waiting) >= ROW_GROUP_BYTES:
            write_group()
            await write(outlet.take())

    def write_group() -> None:
        file.write_table(_table(request, schema, bytes(waiting)))
        waiting.clear()

    with pa.parquet.ParquetWriter(outlet, schema, compression="zstd") as file:
        rows = await copy_rows(
            connection, list_statement(request.report, _cell_sql), write_rows, format="csv"
        )
        if waiting:
            write_group()
    await write(outlet.take())
    return rows


def file_schema(request: ExportRequest) -> pa.Schema:
    """Columns by their keys, with their titles and what they say; of the file, what it is and as of when."""
    report = request.report
    zone = zone_title(report.calendar.zone_name)
    fields = [
        pa.field(
            column.key,
            _TYPES[column.type],
            metadata={"title": column.title_in(zone), "doc": column.doc},
        )
        for column in report.columns
    ]
    return pa.schema(
        fields,
        metadata={
            "title": report.listing.name,
            "as_of": format_instant(report.as_of),
            "zone": report.calendar.zone_name,
        },
    )


def _cell_sql(column: Column) -> str:
    # The items of a list may hold any character, commas too.
    return f"to_json({column.key})" if column.type is ColumnType.LIST else column.key


def _table(request: ExportRequest, schema: pa.Schema, rows: bytes) -> pa.Table:
    """Rows in COPY's CSV, in which an empty cell has no quotes, and an empty text has."""
    columns = request.report.columns
    as_read = {
        column.key: pa.string() if pa.types.is_nested(schema.field(column.key).type) else _plain(column)
        for column in columns
    }
    table = pa.csv.read_csv(
        pa.BufferReader(rows),
        pa.csv.ReadOptions(column_names=schema.names, use_threads=False, block_size=len(rows)),
        pa.csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
        pa.csv.ConvertOptions(
            column_types=as_read,
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
    for place, column in enumerate(columns):
        if column.type is ColumnType.LIST:
            lists = [None if each is None else orjson.loads(each) for each in table.column(place).to_pylist()]
            table = table.set_column(place, schema.field(place), pa.array(lists, schema.field(place).type))
    return table.cast(schema)


def _plain(column: Column) -> pa.DataType:
    return pa.string() if column.type is ColumnType.STATUS else _TYPES[column.type]
