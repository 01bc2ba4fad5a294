"""The report as a file of any kind."""

from typing import TYPE_CHECKING

from projections.export.formats import Format
from projections.export.parameters import ExportRequest
from projections.export.snapshot import Write

if TYPE_CHECKING:
    from projections.query.database import Reader


async def write_export(connection: "Reader", request: ExportRequest, write: Write) -> int:
    """Give the whole file to `write`, chunk by chunk as it takes them; the number of rows.

    `write` is first called when Postgres has the first rows, so that what fails before then leaves nothing
    written. Whatever is raised after that means that the file is not whole.
    """
    # Each brings its own library, of which the others need none.
    match request.format:
        case Format.CSV:
            from projections.export.csv_file import write_csv as write_file
        case Format.XLSX:
            from projections.export.xlsx_file import write_xlsx as write_file
        case Format.PARQUET:
            from projections.export.parquet_file import write_parquet as write_file
        case Format.JSONL:
            from projections.export.json_lines import write_json_lines as write_file
    return await write_file(connection, request, write)
