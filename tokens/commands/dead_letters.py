"""`tokens dead-letters`: what could not be taken in, and what becomes of it."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from projections.dead_letters.listing import AFTER, LIMIT, RULE, STATE, TOPIC

if TYPE_CHECKING:
    from projections.dead_letters.settling import Requeued
    from projections.publishing.publisher import KafkaPublisher
    from projections.query.database import Reader

Number = Annotated[int, typer.Argument(metavar="ID", help="The number of a dead letter.", min=1)]
AsJson = Annotated[bool, typer.Option("--json", help="Print the object that the API gives.")]

dead_letters = typer.Typer(
    help="List, look at, requeue or discard the messages that could not be taken in.",
    invoke_without_command=True,
)


@dead_letters.callback()
def _list_unless_told_otherwise(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        list_()


@dead_letters.command("list")
def list_(
    rule: Annotated[str | None, typer.Option(help=RULE.doc)] = None,
    topic: Annotated[str | None, typer.Option(help=TOPIC.doc)] = None,
    state: Annotated[str | None, typer.Option(metavar="open|requeued|discarded|all", help=STATE.doc)] = None,
    limit: Annotated[str | None, typer.Option(metavar="N", help=LIMIT.doc)] = None,
    after: Annotated[str | None, typer.Option(metavar="ID", help=AFTER.doc)] = None,
    as_json: AsJson = False,
) -> None:
    """List those that wait, newest first (also without `list`)."""
    from projections.dead_letters.listing import LetterPage, list_letters, read_list_request
    from tokens.letter_text import page_lines
    from tokens.report_options import parse_options

    asked = parse_options(
        lambda pairs, *_: read_list_request(pairs),
        None,
        rule=rule,
        topic=topic,
        state=state,
        limit=limit,
        after=after,
    )

    async def read() -> LetterPage:
        async with _letters() as connection:
            return await list_letters(connection, asked)

    page = asyncio.run(read())
    if as_json:
        _print_json(page.as_json())
    else:
        print(*page_lines(page), sep="\n")


@dead_letters.command()
def show(
    number: Number,
    event: Annotated[
        bool, typer.Option("--event", help="Print the event alone, to be corrected for `requeue --edit`.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show one whole: what is wrong, where it came from, its key, headers and value."""
    from projections.dead_letters.letter import WholeLetter
    from projections.dead_letters.message import as_one_document
    from projections.dead_letters.reading import read_letter
    from tokens.letter_text import letter_lines

    if event and as_json:
        raise typer.BadParameter("--event and --json do not go together")

    async def read() -> WholeLetter:
        async with _letters() as connection:
            return await read_letter(connection, number)

    whole = asyncio.run(read())
    if event:
        sys.stdout.buffer.write(as_one_document(whole))
        sys.stdout.buffer.flush()
    elif as_json:
        _print_json(whole.as_json())
    else:
        print(*letter_lines(whole), sep="\n")


@dead_letters.command()
def requeue(
    number: Annotated[
        int | None, typer.Argument(metavar="ID", help="The number of a dead letter.", min=1)
    ] = None,
    rule: Annotated[str | None, typer.Option(help="Requeue all open ones that break this rule.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="Requeue all open ones.")] = False,
    edit: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Publish the event in this file (structured mode; - is standard input) in place of ID's.",
            allow_dash=True,
        ),
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Requeue ID though it was requeued or discarded before.")
    ] = False,
) -> None:
    """Publish one, those of a rule, or all to the topics they came from.

    They keep their key and headers, and say in two headers more where they were. One that fails again becomes a
    new dead letter, which names the old one.
    """
    from projections.dead_letters.letter import LETTER_RULES
    from projections.dead_letters.settling import requeue as requeue_one
    from projections.publishing.message import MessagePlace

    if [number is not None, rule is not None, all_].count(True) != 1:
        raise typer.BadParameter("name one of: ID, --rule, --all")
    if number is None and (edit is not None or again):
        raise typer.BadParameter("--edit and --again are for one ID")
    if rule is not None and rule not in LETTER_RULES:
        raise typer.BadParameter(f"{rule} is none of {', '.join(LETTER_RULES)}", param_hint="--rule")
    if number is None:
        _requeue_many(rule)
        return
    event = None if edit is None else _read(edit)

    async def publish() -> MessagePlace:
        async with _letters(may_write=True) as connection, _publisher() as publisher:
            return await requeue_one(connection, publisher, number, edit=event, again=again)

    print(f"requeued dead letter {number} to {asyncio.run(publish())}")


@dead_letters.command()
def discard(number: Number, reason: Annotated[str, typer.Option(help="Why; kept with the letter.")]) -> None:
    """Take one off the list; it is kept, with the reason."""
    from projections.dead_letters.settling import discard as discard_one
    from projections.dead_letters.settling import parse_reason

    try:
        parse_reason(reason)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--reason") from None

    async def settle() -> None:
        async with _letters(may_write=True) as connection:
            await discard_one(connection, number, reason)

    asyncio.run(settle())
    print(f"discarded dead letter {number}")


def _requeue_many(rule: str | None) -> None:
    from projections.dead_letters.settling import requeue_open
    from tokens.failure import Failure
    from tokens.progress_bars import bar

    async def publish() -> "Requeued":
        async with _letters(may_write=True) as connection, _publisher() as publisher:
            with bar("requeue", unit="letters") as on_progress:
                return await requeue_open(
                    connection,
                    publisher,
                    rule,
                    on_progress=on_progress,
                    on_refused=lambda number, why: print(f"dead letter {number}: {why}", file=sys.stderr),
                )

    done = asyncio.run(publish())
    print(f"requeued {done.requeued}, refused {done.refused}")
    if done.stopped is not None:
        raise Failure(f"the others wait as before: {done.stopped}")
    if done.refused:
        raise typer.Exit(1)


@asynccontextmanager
async def _letters(*, may_write: bool = False) -> AsyncIterator["Reader"]:
    """A connection to the database; what goes wrong is said in a sentence."""
    from projections.dead_letters.database import letters_opened
    from projections.dead_letters.refusals import NotOpen, UnknownLetter, WrongEdit
    from projections.publishing.message import NotPublished
    from projections.query.database import DatabaseAway, QueryTooSlow
    from tokens.failure import Failure
    from tokens.servers import database_of, effective_settings

    try:
        async with letters_opened(
            database_of(effective_settings()), may_write=may_write, statement_timeout_s=0
        ) as connection:
            yield connection
    except (DatabaseAway, QueryTooSlow, UnknownLetter, NotOpen, NotPublished, WrongEdit) as error:
        raise Failure(str(error)) from error


@asynccontextmanager
async def _publisher() -> AsyncIterator["KafkaPublisher"]:
    from projections.publishing.publisher import KafkaPublisher
    from tokens.servers import effective_settings, kafka_of

    publisher = KafkaPublisher(kafka_of(effective_settings()))
    try:
        yield publisher
    finally:
        await publisher.close()


def _read(file: Path) -> bytes:
    from tokens.failure import UsageFailure

    try:
        return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise UsageFailure(f"{file} cannot be read: {error.strerror}") from error


def _print_json(body: object) -> None:
    import orjson

    print(orjson.dumps(body, option=orjson.OPT_INDENT_2).decode())
