"""`python -m bench`: the service beside others. `micro`: its pure parts alone. `exports`: files of the report."""

import asyncio
import sys
from typing import Annotated

import typer

from bench import report
from bench.bulk_import import import_events, import_table
from bench.cost.measure import measure_disks, work_of
from bench.cost.reckoning import disk_table, reckoned
from bench.exports.compare import compare_exports
from bench.growth import KIND as GROWTH
from bench.growth import growth_table, run_growth
from bench.latency import latency_table, measure_latency
from bench.lineup import OURS, THE_LOOP
from bench.micro import measure_parts
from bench.options import (
    BACKLOG_DAYS,
    BACKLOG_TOKENS,
    FILLING_DAYS,
    RESULTS,
    Days,
    Events,
    Held,
    Only,
    Runs,
    Seed,
    Timeout,
    Tokens,
    Workers,
    Written,
    console,
    counts,
    events_of,
    lineup_of,
)
from bench.profiling import profile
from bench.reads.compare import measure_reads
from bench.reads.writes import measure_writes
from bench.rounds import run_rounds
from bench.saved import Results, latest
from bench.steady import run_steady
from tokens.failure import Failure

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.callback(invoke_without_command=True)
def beside(
    context: typer.Context,
    tokens: Tokens = BACKLOG_TOKENS,
    days: Days = BACKLOG_DAYS,
    seed: Seed = 1,
    runs: Runs = 3,
    workers: Workers = "1,2",
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
    shown = console()
    lineup = lineup_of([1] if profiled else counts(workers), only)
    events = events_of(shown, seed, tokens, days)
    if profiled:
        asyncio.run(profile(shown, RESULTS, events, lineup, timeout_seconds=timeout))
        return
    results = Results(RESULTS, "backlog", events)
    rounds = asyncio.run(
        run_rounds(shown, RESULTS, events, lineup, runs=runs, timeout_seconds=timeout, keep=results.keep)
    )
    report.show(shown, rounds)
    shown.print(f"saved in {results.path}")
    if written:
        report.write_docs(rounds, "backlog", f"{events.messages:,} messages about {events.tokens:,} tokens")


@app.command()
def workers(
    tokens: Tokens = BACKLOG_TOKENS,
    days: Days = BACKLOG_DAYS,
    seed: Seed = 1,
    runs: Runs = 1,
    numbers: Workers = "1,2,4,8",
    written: Written = False,
    timeout: Timeout = 300,
) -> None:
    """The backlog by ever more of our processes, beside the loop."""
    shown = console()
    events = events_of(shown, seed, tokens, days)
    results = Results(RESULTS, "workers", events)
    lineup = lineup_of(counts(numbers), [OURS, THE_LOOP])
    rounds = asyncio.run(
        run_rounds(shown, RESULTS, events, lineup, runs=runs, timeout_seconds=timeout, keep=results.keep)
    )
    report.show(shown, rounds)
    shown.print(f"saved in {results.path}")
    if written:
        report.write_docs(rounds, "workers", f"{events.messages:,} messages about {events.tokens:,} tokens")


@app.command()
def steady(
    tokens: Held = 1_000_000,
    days: Days = FILLING_DAYS,
    events: Events = 200_000,
    seed: Seed = 1,
    runs: Runs = 3,
    workers: Workers = "1,2",
    only: Only = None,
    written: Written = False,
    timeout: Timeout = 300,
) -> None:
    """Single events to random tokens of a full table, by ours and by the loops, interleaved."""
    shown = console()
    lineup = [each for each in lineup_of(counts(workers), only) if each.in_steady_state]
    preloaded = events_of(shown, seed, tokens, days)
    results = Results(RESULTS, "steady", preloaded)
    rounds = asyncio.run(
        run_steady(
            shown,
            RESULTS,
            preloaded,
            lineup,
            messages=events,
            runs=runs,
            timeout_seconds=timeout,
            keep=results.keep,
        )
    )
    report.show(shown, rounds)
    shown.print(f"saved in {results.path}")
    if written:
        report.write_docs(rounds, "steady", f"{events:,} events to a table of {tokens:,} tokens")


@app.command()
def growth(
    tokens: Annotated[str, typer.Option(help="How many the table holds before: a number, or several.")] = (
        "100000,1000000"
    ),
    days: Days = FILLING_DAYS,
    events: Events = 200_000,
    seed: Seed = 1,
    runs: Runs = 1,
    workers: Workers = "1,2",
    written: Written = False,
    timeout: Timeout = 900,
) -> None:
    """The steady state as the table grows, ours beside the loop. What was measured of other sizes is shown with it."""
    shown = console()
    sets = [events_of(shown, seed, each, days) for each in counts(tokens)]
    lineup = lineup_of(counts(workers), [OURS, THE_LOOP])
    asyncio.run(run_growth(shown, RESULTS, sets, lineup, messages=events, runs=runs, timeout_seconds=timeout))
    table = growth_table(latest(RESULTS, GROWTH))
    report.show_table(shown, table)
    if written:
        report.insert("growth", report.about("single events to random tokens") + report.markdown(table))


@app.command()
def latency(
    tokens: Held = 100_000,
    days: Days = FILLING_DAYS,
    seed: Seed = 1,
    rates: Annotated[str, typer.Option(help="Events a second.")] = "100,1000",
    seconds: Annotated[int, typer.Option(min=5, help="Of each rate; the first fifth is not counted.")] = 20,
    written: Written = False,
) -> None:
    """From the publication of an event until it is in the report: ours beside the loop."""
    shown = console()
    lineup = lineup_of([1], [OURS, THE_LOOP])
    preloaded = events_of(shown, seed, tokens, days)
    found = asyncio.run(
        measure_latency(shown, RESULTS, preloaded, lineup, rates=counts(rates), seconds=seconds)
    )
    table = latency_table(found)
    report.show_table(shown, table)
    if written:
        report.insert("latency", report.markdown(table))


@app.command("import")
def bulk(
    tokens: Annotated[
        int, typer.Option(min=100, help="With 1.07 events each; 10,000,000 need 60 GB of disk.")
    ] = 1_000_000,
    days: Days = FILLING_DAYS,
    processes: Annotated[int, typer.Option(min=1, help="Of ours.")] = 2,
    seed: Seed = 1,
    copies: Annotated[bool, typer.Option(help="Measure `psql \\copy` of the largest tables too.")] = True,
    written: Written = False,
) -> None:
    """A long history through the workers, one of which is killed halfway, beside `psql \\copy` of what they leave.

    The database is kept: `steady`, `growth` and `latency` of as many tokens begin on copies of it.
    """
    shown = console()
    history = events_of(shown, seed, tokens, days)
    [entry] = lineup_of([processes], [OURS])
    run, copied = asyncio.run(import_events(shown, RESULTS, history, entry, copies=copies))
    Results(RESULTS, "import", history).keep([{run.contender: run}])
    table = import_table(run, copied)
    report.show_table(shown, table)
    if written:
        of_what = f"{history.messages:,} events about {history.tokens:,} tokens"
        report.insert("import", report.about(of_what) + report.markdown(table))


@app.command()
def cost(
    tokens: Tokens = BACKLOG_TOKENS,
    days: Days = BACKLOG_DAYS,
    seed: Seed = 1,
    written: Written = False,
) -> None:
    """Bytes on disk by token and by event; with the newest backlog, import and growth, what it comes to at scale."""
    shown = console()
    short, long = (events_of(shown, seed, tokens, each) for each in (FILLING_DAYS, days))
    work = [work_of(RESULTS, kind) for kind in ("backlog", "import", "growth")]
    disks = asyncio.run(measure_disks(shown, RESULTS, short, long))
    tables = disk_table(disks), reckoned(disks, *work)
    for table in tables:
        report.show_table(shown, table)
    if written:
        of_what = f"{short.tokens:,} tokens with {short.messages:,} events, and with {long.messages:,}"
        report.insert("cost", report.about(of_what) + "\n".join(map(report.markdown, tables)))


@app.command()
def micro(tokens: Tokens = BACKLOG_TOKENS, days: Days = BACKLOG_DAYS, seed: Seed = 1) -> None:
    """The cost of the pure parts of the write path, over the same events, without any server."""
    shown = console()
    measure_parts(shown, events_of(shown, seed, tokens, days))


@app.command()
def exports(
    tokens: Annotated[int, typer.Option(min=1, help="How long the report is.")] = 1_000_000,
    runs: Runs = 3,
    written: Written = False,
) -> None:
    """Each kind of export beside `psql \\copy`, and ten at once beside somebody who reads pages."""
    text = asyncio.run(compare_exports(console(), RESULTS / "exports", tokens, runs))
    if written:
        report.insert("exports", text)


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
        measure_writes(console(), folder, tokens)
        if indexes
        else measure_reads(console(), folder, tokens, only)
    )


if __name__ == "__main__":
    try:
        app(prog_name="python -m bench")
    except Failure as failure:
        sys.stderr.write(f"bench: {failure}\n")
        sys.exit(failure.exit_code)
