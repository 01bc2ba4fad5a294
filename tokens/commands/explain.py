"""`tokens explain`: why a token's row is what it is."""

import asyncio
from typing import Annotated

import typer

from tokens.report_options import AsOfOption, parse_options


def explain(
    serial: Annotated[str, typer.Argument(metavar="SERIAL", help="The exact serial of the service token.")],
    as_of: AsOfOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the object that the API gives.")] = False,
) -> None:
    """Show a token's row, the facts that each value came from, and what changes its status next."""
    import orjson

    from projections.columns import zone_title
    from projections.explain.answer import explanation_as_json
    from projections.explain.parameters import read_as_of
    from projections.explain.token import ExplainedToken, explain_token
    from projections.explain.unknown import UnknownToken
    from projections.query.database import DatabaseAway, QueryTooSlow, reading
    from projections.query.scope import AllOrganizations
    from tokens.explanation_text import explanation_text
    from tokens.failure import Failure
    from tokens.report_file import ReaderGone, written_stdout
    from tokens.servers import database_of, effective_settings

    try:
        serial.encode()
    except UnicodeEncodeError:
        raise Failure("no event names a service token by bytes that are no UTF-8") from None
    at = parse_options(lambda pairs, _, now, __: read_as_of(pairs, now), None, as_of=as_of)
    settings = effective_settings()

    async def read(database_url: str) -> ExplainedToken:
        async with reading(database_url, statement_timeout_s=0) as connection:
            return await explain_token(connection, serial, at, AllOrganizations())

    try:
        explained = asyncio.run(read(database_of(settings)))
    except (DatabaseAway, QueryTooSlow, UnknownToken) as error:
        raise Failure(str(error)) from error
    if as_json:
        options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
        text = orjson.dumps(explanation_as_json(explained), option=options)
    else:
        text = explanation_text(explained, zone_title(settings.zone)).encode()
    try:
        with written_stdout() as write:
            asyncio.run(write(text))
    except ReaderGone:
        raise typer.Exit(1) from None
