"""Rounds: each contender once, one right after the other, in turn the first."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from rich.console import Console

from bench.event_set import EventSet
from bench.lineup import OURS, THE_LOOP, Contender, Ours, TheLoop
from bench.run import measure
from bench.servers import Servers, running_servers
from bench.summary import Round

DATABASE = "bench"


async def run_rounds(
    console: Console,
    results: Path,
    events: EventSet,
    *,
    runs: int,
    workers: Sequence[int],
    only: str | None,
    timeout_seconds: float,
) -> list[Round]:
    """Run them all on servers of their own. Raises Failure as soon as a run does not count."""
    rounds: list[Round] = []
    async with running_servers(results / "servers", events) as servers:
        for number in range(runs):
            this: Round = {}
            entries = lineup(servers, workers, only)
            for name, enter in entries if number % 2 == 0 else reversed(entries):
                async with servers.fresh_database(DATABASE) as database_url:
                    run = await measure(
                        enter(database_url),
                        servers,
                        events,
                        database_url,
                        results,
                        timeout_seconds=timeout_seconds,
                    )
                this[name] = run
                console.print(f"run {number + 1} of {runs}: {name}: {run.events_per_second:,.0f} events/s")
            rounds.append({name: this[name] for name, _ in entries})
    return rounds


def lineup(
    servers: Servers, workers: Sequence[int], only: str | None
) -> list[tuple[str, Callable[[str], Contender]]]:
    """The contenders of a round: the name of each, and what makes it of its database's URL."""
    entries: list[tuple[str, Callable[[str], Contender]]] = []
    if only in (None, OURS):
        for count in workers:
            entries.append((Ours.named(count), partial(Ours, servers, count)))
    if only in (None, THE_LOOP):
        entries.append((THE_LOOP, partial(TheLoop, servers)))
    return entries
