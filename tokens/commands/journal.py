"""`tokens journal`: recorded events, as they were."""

import asyncio
import sys
from typing import Annotated

import typer


def journal(
    serial: Annotated[
        str | None, typer.Option(help="All that this token's row depends on: orders, activations, too.")
    ] = None,
    order: Annotated[str | None, typer.Option(help="Of this sales order, its shipments included.")] = None,
    line: Annotated[str | None, typer.Option(help="With --order: of this line of it alone.")] = None,
    shipment: Annotated[str | None, typer.Option(help="Of this shipment.")] = None,
    station: Annotated[str | None, typer.Option(help="Of this station.")] = None,
    source: Annotated[str | None, typer.Option(help="With this CloudEvents source.")] = None,
    id: Annotated[str | None, typer.Option(help="With this CloudEvents id.")] = None,  # noqa: A002 - the option's name
    topic: Annotated[str | None, typer.Option(help="From this topic, `orders` say.")] = None,
    partition: Annotated[int | None, typer.Option(help="With --topic.")] = None,
    from_offset: Annotated[int | None, typer.Option(help="With --topic: from this offset on.")] = None,
    to_offset: Annotated[int | None, typer.Option(help="With --topic: before this offset.")] = None,
    recorded_from: Annotated[
        str | None,
        typer.Option(metavar="INSTANT", help="Recorded then or later, such as 2026-03-02T00:00:00Z."),
    ] = None,
    recorded_to: Annotated[str | None, typer.Option(metavar="INSTANT", help="Recorded before then.")] = None,
) -> None:
    """Print recorded events, oldest first: structured CloudEvents, one a line, as they came.

    All of them, or those to which every option applies; those of a token, order, shipment, station, source or id
    with their retractions. What it prints can be published again.
    """
    from projections.journal_print.printing import printed
    from projections.journal_print.selection import Selection
    from projections.query.database import DatabaseAway, reading
    from schemas.topics import INPUT_TOPICS
    from tokens.failure import Failure, UsageFailure
    from tokens.report_file import ReaderGone, Write, written_stdout
    from tokens.servers import database_of, effective_settings

    if line is not None and order is None:
        raise UsageFailure("--line is a line of an order: give --order, too")
    if topic is None and (partition, from_offset, to_offset) != (None, None, None):
        raise UsageFailure("--partition, --from-offset and --to-offset are of a topic: give --topic, too")
    settings = effective_settings()
    database_url = database_of(settings)
    selection = Selection(
        serial=serial,
        sales_order=order,
        line=line,
        shipment=shipment,
        station=station,
        source=source,
        id=id,
        topic=settings.topic(topic) if topic in INPUT_TOPICS else topic,
        partition=partition,
        from_offset=from_offset,
        to_offset=to_offset,
        recorded_from=_instant("--recorded-from", recorded_from),
        recorded_to=_instant("--recorded-to", recorded_to),
    )

    async def run(write: Write) -> int:
        count = 0
        async with reading(database_url, statement_timeout_s=0) as connection:
            async for text in printed(connection, selection):
                await write(text + b"\n")
                count += 1
        return count

    try:
        with written_stdout() as write:
            count = asyncio.run(run(write))
    except DatabaseAway as error:
        raise Failure(f"what was printed is not whole: {error}") from error
    except ReaderGone:
        raise typer.Exit(1) from None
    sys.stderr.write(f"printed {count:,} events\n")


def _instant(option: str, text: str | None) -> int | None:
    from schemas.instants import parse_instant
    from tokens.failure import UsageFailure

    if text is None:
        return None
    try:
        return parse_instant(text)
    except ValueError as error:
        raise UsageFailure(f"{option} {text}: {error}") from error
