"""What the commands of the benchmark ask for, and what they make of it."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bench.event_set import EventSet, event_set
from bench.lineup import Entry, entries

RESULTS = Path(__file__).parent / "results"
BACKLOG_TOKENS, BACKLOG_DAYS = 100_000, 680
FILLING_DAYS = 150
"""Of the history that fills a table: one for all who begin on a full one, so that each is filled once."""
_FILE_WIDTH = 180

Seed = Annotated[int, typer.Option(help="Of the simulated company.")]
Tokens = Annotated[int, typer.Option(help="How many service tokens the events tell of.")]
Held = Annotated[int, typer.Option(help="How many the table holds before.")]
Days = Annotated[int, typer.Option(help="The longer, the more of the events are stations that boot.")]
Runs = Annotated[int, typer.Option(min=1, help="Of each contender, interleaved.")]
Workers = Annotated[str, typer.Option(help="Processes of ours: a run for each number, as in 1,2.")]
Events = Annotated[int, typer.Option(help="Each to a random token of those.")]
Timeout = Annotated[float, typer.Option(help="Seconds that one run may take.")]
Only = Annotated[
    list[str] | None, typer.Option(help="One contender, by its name in the tables; may be repeated.")
]
Written = Annotated[
    bool, typer.Option("--write-docs", help="Put the table, and its picture, into docs/benchmarks.md.")
]


def console() -> Console:
    """Where results are shown; wide where nobody looks on."""
    return Console() if sys.stdout.isatty() else Console(width=_FILE_WIDTH)


def events_of(shown: Console, seed: int, tokens: int, days: int) -> EventSet:
    """The set of these options, made where it is not yet. Raises Failure where none can be."""
    events = event_set(RESULTS, seed=seed, tokens=tokens, days=days)
    shown.print(f"{events.messages:,} messages about {events.tokens:,} tokens ({events.path.name})")
    return events


def lineup_of(workers: list[int], only: list[str] | None) -> list[Entry]:
    """Who runs. Raises BadParameter for a name that nobody has."""
    try:
        return entries(workers, only or ())
    except KeyError as error:
        raise typer.BadParameter(error.args[0]) from error


def counts(text: str) -> list[int]:
    """The numbers of a list like 1,2. Raises BadParameter."""
    try:
        numbers = [int(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if not numbers or min(numbers) < 1:
        raise typer.BadParameter(f"{text} is no list of numbers like 1,2")
    return numbers
