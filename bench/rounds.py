"""Rounds: each contender once, one right after the other, in turn the first."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from rich.console import Console

from bench.event_set import EventSet
from bench.expected import Sample
from bench.lineup import Entry
from bench.run import Run, measure
from bench.servers import running_servers
from bench.summary import Round
from bench.verdict import Expectations

DATABASE = "bench"
OneRun = Callable[[Entry], Awaitable[Run]]
Keep = Callable[[Sequence[Round]], None]
"""Is given all rounds after each run; the last of them may lack runs."""


async def run_rounds(
    console: Console,
    results: Path,
    events: EventSet,
    lineup: Sequence[Entry],
    *,
    runs: int,
    timeout_seconds: float,
    keep: Keep,
) -> list[Round]:
    """Run them all on servers of their own, each on an empty database.

    Raises Failure as soon as a run does not count.
    """
    expected = expectations(events, results)
    async with running_servers(results / "servers", events) as servers:

        async def one(entry: Entry) -> Run:
            async with servers.fresh_database(DATABASE) as database_url:
                contender = entry.enter(servers, database_url)
                return await measure(
                    contender,
                    servers,
                    events.messages,
                    expected,
                    database_url,
                    results,
                    timeout_seconds=timeout_seconds,
                )

        return await interleaved(console, lineup, runs, one, keep)


def expectations(events: EventSet, results: Path) -> Expectations:
    """Of all rows of one set of events."""
    return Expectations(
        events.lines,
        events.messages,
        events.tokens,
        events.until,
        Sample(),
        results / f"report-{events.digest[:8]}.json",
    )


async def interleaved(
    console: Console, lineup: Sequence[Entry], runs: int, one: OneRun, keep: Keep
) -> list[Round]:
    """So many rounds; every other one the other way round, and the slow ones in the first alone.

    The first contender runs once before, uncounted: a broker that has just started compiles what it is asked to do.
    """
    await one(lineup[0])
    rounds: list[Round] = []
    for number in range(runs):
        this: Round = {}
        present = [each for each in lineup if number == 0 or not each.slow]
        for entry in present if number % 2 == 0 else reversed(present):
            this[entry.name] = run = await one(entry)
            keep([*rounds, _in_order(this, present)])
            console.print(
                f"run {number + 1} of {runs}: {entry.name}: {run.events_per_second:,.0f} events/s, "
                f"{run.rows:,} rows as expected"
            )
        rounds.append(_in_order(this, present))
    return rounds


def _in_order(runs: Round, lineup: Sequence[Entry]) -> Round:
    return {each.name: runs[each.name] for each in lineup if each.name in runs}
