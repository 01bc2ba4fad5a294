"""`python -m bench`: the service beside others. `micro`: its pure parts alone. `exports`: files of the report."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bench import report
from bench.bulk_import import import_events, import_table
from bench.event_set import EventSet, event_set
from bench.exports.compare import compare_exports
from bench.latency import latency_table, measure_latency
from bench.lineup import OURS, THE_LOOP, Entry, entries
from bench.micro import measure_parts
from bench.profiling import profile
from bench.reads.compare import measure_reads
from bench.reads.writes import measure_writes
from bench.rounds import run_rounds
from bench.steady import run_steady
from tokens.failure import Failure

RESULTS = Path(__file__).parent / "results"
_FILE_WIDTH = 180
_IMPORT_DAYS, _EVENTS_A_TOKEN = 150, 1.074

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

Seed = Annotated[int, typer.Option(help="Of the simulated company.")]
Tokens = Annotated[int, typer.Option(help="How many service tokens the events tell of.")]
Days = Annotated[int, typer.Option(help="The longer, the more of the events are stations that boot.")]

Runs = Annotated[int, typer.Option(min=1, help="Of each contender, interleaved.")]
Workers = Annotated[str, typer.Option(help="Processes of ours: a run for each number, as in 1,2.")]
Timeout = Annotated[float, typer.Option(help="Seconds that one run may take.")]
Written = Annotated[
    bool, typer.Option("--write-docs", help="Put the table and the picture into docs/benchmarks.md.")
]
Only = Annotated[
    list[str] | None, typer.Option(help="One contender, by its name in the tables; may be repeated.")
]


@app.callback(invoke_without_command=True)
def beside(
    context: typer.Context,
    tokens: Tokens = 100_000,
    days: Days = 680,
    seed: Seed = 1,
    runs: Annotated[int, typer.Option(min=1, help="Of each contender, interleaved.")] = 3,
    workers: Annotated[
        str, typer.Option(help="Processes of ours: a run for each number, as in 1,2.")
    ] = "1,2",
    only: Only = None,
    written: Written = False,
    profiled: Annotated[
        bool,
        typer.Option("--profile", help="One run of each, with py-spy and pg_stat_statements looking on."),
    ] = False,
    timeout: Timeout = 300,
) -> None:
    """Drain a preloaded backlog by ours and by what one would take instead, interleaved, and compare."""
    if context.invoked_subcommand is not None:
        return
    console = _console()
    lineup = _lineup([1] if profiled else _counts(workers), only)
    events = _events(console, seed, tokens, days)
    if profiled:
        asyncio.run(profile(console, RESULTS, events, lineup, timeout_seconds=timeout))
        return
    rounds = asyncio.run(run_rounds(console, RESULTS, events, lineup, runs=runs, timeout_seconds=timeout))
    report.show(console, rounds)
    console.print(f"saved in {report.save(RESULTS, events, rounds, 'backlog')}")
    if written:
        report.write_docs(rounds, "backlog", f"{events.messages:,} messages about {events.tokens:,} tokens")


@app.command()
def steady(
    tokens: Annotated[int, typer.Option(help="How many the table holds before.")] = 1_000_000,
    days: Annotated[int, typer.Option(help="Of the history that fills it.")] = 150,
    events: Annotated[int, typer.Option(help="Each to a random token of those.")] = 200_000,
    seed: Seed = 1,
    runs: Runs = 3,
    workers: Workers = "1,2",
    only: Only = None,
    written: Written = False,
    timeout: Timeout = 300,
) -> None:
    """Single events to random tokens of a full table, by ours and by the loops, interleaved."""
    console = _console()
    lineup = [each for each in _lineup(_counts(workers), only) if each.in_steady_state]
    preloaded = _events(console, seed, tokens, days)
    rounds = asyncio.run(
        run_steady(console, RESULTS, preloaded, lineup, messages=events, runs=runs, timeout_seconds=timeout)
    )
    report.show(console, rounds)
    console.print(f"saved in {report.save(RESULTS, preloaded, rounds, 'steady')}")
    if written:
        report.write_docs(rounds, "steady", f"{events:,} events to a table of {tokens:,} tokens")


@app.command()
def latency(
    tokens: Tokens = 100_000,
    days: Annotated[int, typer.Option(help="Of the history that fills the table.")] = 150,
    seed: Seed = 1,
    rates: Annotated[str, typer.Option(help="Events a second.")] = "100,1000",
    seconds: Annotated[int, typer.Option(min=5, help="Of each rate; the first fifth is not counted.")] = 20,
    written: Written = False,
) -> None:
    """From the publication of an event until it is in the report: ours beside the loop."""
    console = _console()
    lineup = _lineup([1], [OURS, THE_LOOP])
    preloaded = _events(console, seed, tokens, days)
    found = asyncio.run(
        measure_latency(console, RESULTS, preloaded, lineup, rates=_counts(rates), seconds=seconds)
    )
    table = latency_table(found)
    report.show_table(console, table)
    if written:
        report.insert("latency", report.markdown(table))


@app.command("import")
def bulk(
    events: Annotated[
        int, typer.Option(min=1_000, help="About how many; 10,000,000 need 40 GB.")
    ] = 1_000_000,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 2,
    seed: Seed = 1,
    written: Written = False,
    timeout: Timeout = 3_600,
) -> None:
    """A long history through the workers, with progress, beside `psql \\copy` of the rows that they leave."""
    console = _console()
    history = _events(console, seed, max(100, int(events / _EVENTS_A_TOKEN)), _IMPORT_DAYS)
    run, copies = asyncio.run(
        import_events(console, RESULTS, history, workers=workers, timeout_seconds=timeout)
    )
    table = import_table(run, copies)
    report.show_table(console, table)
    if written:
        report.insert("import", report.markdown(table))


@app.command()
def micro(tokens: Tokens = 100_000, days: Days = 680, seed: Seed = 1) -> None:
    """The cost of the pure parts of the write path, over the same events, without any server."""
    console = _console()
    measure_parts(console, _events(console, seed, tokens, days))


@app.command()
def exports(tokens: Annotated[int, typer.Option(min=1, help="How long the report is.")] = 1_000_000) -> None:
    """Each kind of export beside `psql \\copy`, and ten at once beside somebody who reads pages."""
    asyncio.run(compare_exports(_console(), RESULTS / "exports", tokens))


@app.command()
def reads(
    tokens: Annotated[int, typer.Option(min=1_000, help="How long the report is.")] = 1_000_000,
    only: Annotated[str, typer.Option(help="Only the parts whose heading contains this.")] = "",
    indexes: Annotated[
        bool, typer.Option("--indexes", help="What the indexes for it cost those who write.")
    ] = False,
) -> None:
    """Pages, counts, filters, sorts and summaries of a large report: how long each takes, and why."""
    folder = RESULTS / "reads"
    asyncio.run(
        measure_writes(_console(), folder, tokens)
        if indexes
        else measure_reads(_console(), folder, tokens, only)
    )


def _console() -> Console:
    return Console() if sys.stdout.isatty() else Console(width=_FILE_WIDTH)


def _events(console: Console, seed: int, tokens: int, days: int) -> EventSet:
    events = event_set(RESULTS, seed=seed, tokens=tokens, days=days)
    console.print(f"{events.messages:,} messages about {events.tokens:,} tokens ({events.path.name})")
    return events


def _lineup(counts: list[int], only: list[str] | None) -> list[Entry]:
    try:
        return entries(counts, only or ())
    except KeyError as error:
        raise typer.BadParameter(error.args[0]) from error


def _counts(workers: str) -> list[int]:
    try:
        counts = [int(part) for part in workers.split(",")]
    except ValueError:
        counts = []
    if not counts or min(counts) < 1:
        raise typer.BadParameter(f"{workers} is no list of numbers like 1,2")
    return counts


if __name__ == "__main__":
    try:
        app(prog_name="python -m bench")
    except Failure as failure:
        sys.stderr.write(f"bench: {failure}\n")
        sys.exit(failure.exit_code)
