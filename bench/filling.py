"""Databases that contenders filled themselves: made once, kept, and copied for each run."""

import asyncio
import itertools
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console

from bench.event_set import EventSet
from bench.expected import Sample
from bench.lineup import Contender, Entry, layouts
from bench.run import Run, measure, nobody
from bench.servers import Servers, running_servers
from bench.verdict import Expectations
from tokens.failure import Failure

_KIND = "filled"
_JUDGED_TOKENS = 50_000
"""The reference takes a GB for 100,000: of larger tables, so many rows are judged, and all are counted."""
_SLOWEST_EVENTS_A_SECOND = 1_000
_REST_SECONDS = 300
_IN_A_HURRY = {"fsync": "off", "full_page_writes": "off", "max_wal_size": "4GB"}
"""Settings of Postgres, for what nobody measures: a database half filled is thrown away."""


def sample_of(events: EventSet) -> Sample:
    """The rows that are judged."""
    return Sample(max(1, events.tokens // _JUDGED_TOKENS))


def expected_of(results: Path, sample: Sample, *sets: EventSet) -> Expectations:
    """After these sets, one after the other."""
    name = "-".join(each.digest[:8] for each in sets)
    return Expectations(
        lambda: itertools.chain.from_iterable(each.lines() for each in sets),
        sum(each.messages for each in sets),
        sets[0].tokens,
        sets[-1].until,
        sample,
        results / f"report-{name}-{sample.one_of}.json",
    )


def template_of(entry: Entry, events: EventSet) -> str:
    """The database that a contender filled: other tables, another one."""
    return f"{_KIND}_{entry.layout()}_{events.digest[:8]}"


async def fill_all(console: Console, results: Path, lineup: Sequence[Entry], events: EventSet) -> None:
    """Have each contender fill its database, as fast as may be. Raises Failure where the rows are not right."""
    async with running_servers(results / "servers", events, tuning=_IN_A_HURRY) as servers:
        for entry in lineup:
            await fill(console, servers, results, entry, events)
        await servers.checkpoint()
    os.sync()  # neither is lost, nor does the first run that is measured pay for it


async def fill(
    console: Console,
    servers: Servers,
    results: Path,
    entry: Entry,
    events: EventSet,
    *,
    again: bool = False,
    progress: Callable[[int], None] = nobody,
    killed_at: int | None = None,
) -> Run | None:
    """Have the contender fill its database; None where it has, unless `again`.

    Databases of layouts that nobody has any more are dropped before. Raises Failure where the rows are not right.
    """
    name = template_of(entry, events)
    kept = await servers.databases(f"{_KIND}_")
    for each in kept:
        if each.removeprefix(f"{_KIND}_").rpartition("_")[0] not in layouts() or (again and each == name):
            await servers.drop_database(each)
    if name in kept and not again:
        return None
    unfinished = f"{name}_unfinished"
    async with servers.fresh_database(unfinished) as database_url:
        contender = entry.enter(servers, database_url)
        run = await measure(
            contender,
            servers,
            events.messages,
            expected_of(results, sample_of(events), events),
            database_url,
            results,
            timeout_seconds=60 + events.messages / _SLOWEST_EVENTS_A_SECOND,
            rest=lambda: _rest(contender, events),
            progress=progress,
            killed_at=killed_at,
        )
        console.print(
            f"{entry.name} filled a table of {run.rows:,} tokens: {run.events_per_second:,.0f} events/s"
        )
        await servers.keep_database(unfinished, name)
    return run


async def _rest(contender: Contender, events: EventSet) -> None:
    """Wait until what the clock brings is done too: nobody pays for it in the runs that follow."""
    patience_seconds = _REST_SECONDS + events.messages / _SLOWEST_EVENTS_A_SECOND
    deadline = time.monotonic() + patience_seconds
    while not await contender.rested():
        if time.monotonic() > deadline:
            raise Failure(f"{contender.name} has not come to rest after {patience_seconds:.0f} s")
        await asyncio.sleep(1)
