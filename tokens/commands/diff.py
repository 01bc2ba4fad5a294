"""`tokens diff`: what became of the report between two instants."""

import asyncio
from typing import Annotated

import typer

from projections.diff.parameters import FROM, TO
from projections.query.parameters import AFTER, COUNT, LIMIT
from tokens.report_options import ColumnsOption, FilterOption, MatchOption, parse_options


def diff(
    since: Annotated[str | None, typer.Option("--from", metavar="INSTANT", help=FROM.doc)] = None,
    until: Annotated[str | None, typer.Option("--to", metavar="INSTANT", help=TO.doc)] = None,
    filter: FilterOption = None,  # noqa: A002 - the option's name
    match: MatchOption = None,
    columns: ColumnsOption = None,
    limit: Annotated[str | None, typer.Option(metavar="N", help=LIMIT.doc)] = None,
    after: Annotated[str | None, typer.Option(metavar="CURSOR", help=AFTER.doc)] = None,
    count: Annotated[bool, typer.Option("--count", help=COUNT.doc)] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the object that the API gives.")] = False,
) -> None:
    """Show the tokens whose row differs between two instants, and how."""
    import orjson

    from projections.columns import zone_title
    from projections.diff.page import DiffPage, read_diff
    from projections.diff.parameters import read_diff_request
    from projections.query.database import DatabaseAway, QueryTooSlow, reading
    from tokens.diff_text import show_diff
    from tokens.failure import Failure
    from tokens.report_file import ReaderGone, written_stdout
    from tokens.servers import database_of, effective_settings

    asked = parse_options(
        read_diff_request,
        filter,
        match=match,
        columns=columns,
        limit=limit,
        after=after,
        count=count,
        **{FROM.name: since, TO.name: until},
    )
    settings = effective_settings()

    async def read(database_url: str) -> DiffPage:
        async with reading(database_url, statement_timeout_s=0) as connection:
            return await read_diff(connection, asked)

    try:
        page = asyncio.run(read(database_of(settings)))
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
        show_diff(page, asked, zone_title(settings.zone))
