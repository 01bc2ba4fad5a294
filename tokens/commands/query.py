"""`tokens query`: the report in the terminal, or another list."""

import asyncio
from functools import partial
from typing import Annotated

import typer

from projections.query.parameters import AFTER, COUNT, LIMIT
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


def query(
    list: ListOption = None,  # noqa: A002 - the option's name
    filter: FilterOption = None,  # noqa: A002 - the option's name
    match: MatchOption = None,
    columns: ColumnsOption = None,
    sort: SortOption = None,
    as_of: AsOfOption = None,
    limit: Annotated[str | None, typer.Option(metavar="N", help=LIMIT.doc)] = None,
    after: Annotated[str | None, typer.Option(metavar="CURSOR", help=AFTER.doc)] = None,
    count: Annotated[bool, typer.Option("--count", help=COUNT.doc)] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the object that the API gives.")] = False,
) -> None:
    """Show a page of the report, or of the list of stations or order lines.

    Without --columns, the table has those columns for which the terminal has room.
    """
    import orjson

    from projections.columns import zone_title
    from projections.query.database import DatabaseAway, QueryTooSlow, reading
    from projections.query.page import Page, PageRequest, read_page
    from projections.query.parameters import read_page_request
    from tokens.failure import Failure
    from tokens.report_file import ReaderGone, written_stdout
    from tokens.report_page import show_page
    from tokens.servers import database_of, effective_settings

    asked = parse_options(
        partial(read_page_request, listing=listing_named(list)),
        filter,
        match=match,
        columns=columns,
        sort=sort,
        as_of=as_of,
        limit=limit,
        after=after,
        count=count,
    )
    settings = effective_settings()

    async def read(database_url: str, asked: PageRequest) -> Page:
        async with reading(database_url, statement_timeout_s=0) as connection:
            return await read_page(connection, asked)

    try:
        page = asyncio.run(read(database_of(settings), asked))
    except (DatabaseAway, QueryTooSlow) as error:
        raise Failure(str(error)) from error
    if as_json:
        text = orjson.dumps(page.as_json(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
        try:
            with written_stdout() as write:
                asyncio.run(write(text))
        except ReaderGone:
            raise typer.Exit(1) from None
    else:
        show_page(page, asked, zone_title(settings.zone), fit=columns is None)
