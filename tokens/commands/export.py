"""`tokens export`: the whole report, or another list, as a file."""

import asyncio
import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from projections.export.formats import Format
from projections.export.parameters import FORMAT, HEADER, RAW
from tokens.report_options import (
    AsOfOption,
    ColumnsOption,
    FilterOption,
    ListOption,
    MatchOption,
    SortOption,
    listing_named,
    parse_options,
)


def export(
    list: ListOption = None,  # noqa: A002 - the options' names
    format: Annotated[  # noqa: A002
        str | None,
        typer.Option(
            metavar="|".join(Format),
            help=f"{FORMAT.doc} Left out, it is what FILE ends with where that is one of these, else {Format.CSV}.",
        ),
    ] = None,
    columns: ColumnsOption = None,
    filter: FilterOption = None,  # noqa: A002
    match: MatchOption = None,
    sort: SortOption = None,
    as_of: AsOfOption = None,
    header: Annotated[str | None, typer.Option(metavar="titles|keys", help=HEADER.doc)] = None,
    raw: Annotated[bool, typer.Option("--raw", help=RAW.doc)] = False,
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where to; left out or `-`: standard output.")
    ] = None,
) -> None:
    """Write the whole report, or the whole list of stations or order lines, of one snapshot.

    A file appears under its name when it is whole.
    """
    from projections.export.parameters import read_export_request
    from projections.export.snapshot import ExportCutOff, Write
    from projections.export.writing import write_export
    from projections.query.database import DatabaseAway, reading
    from tokens.failure import Failure, UsageFailure
    from tokens.report_file import ReaderGone, written_file, written_stdout
    from tokens.servers import database_of, effective_settings

    asked = parse_options(
        partial(read_export_request, listing=listing_named(list)),
        filter,
        format=format or _format_of(output),
        columns=columns,
        match=match,
        sort=sort,
        as_of=as_of,
        header=header,
        raw=raw,
    )
    to_stdout = output is None or str(output) == "-"
    if to_stdout and not asked.format.is_text and sys.stdout.isatty():
        raise UsageFailure(
            f"--format: a terminal cannot show {asked.format.spoken}; name a file with --output"
        )
    database_url = database_of(effective_settings())

    async def run(write: Write) -> int:
        async with reading(database_url, statement_timeout_s=0) as connection:
            return await write_export(connection, asked, write)

    try:
        if output is None or to_stdout:
            with written_stdout() as write:
                asyncio.run(run(write))
        else:
            with written_file(output) as write:
                rows = asyncio.run(run(write))
            listing = asked.report.listing
            sys.stderr.write(f"exported {rows:,} {listing.one if rows == 1 else listing.many} to {output}\n")
    except (DatabaseAway, ExportCutOff) as error:
        raise Failure(f"the export is not whole: {error}") from error
    except ReaderGone:
        raise typer.Exit(1) from None


def _format_of(output: Path | None) -> str | None:
    """The format that a file's name ends with."""
    ending = "" if output is None else output.suffix.removeprefix(".").lower()
    return ending if ending in list(Format) else None
