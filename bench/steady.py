"""The steady state: a table that is full already, and single events to random tokens of it at full speed."""

import asyncio
import itertools
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from bench.event_set import EventSet
from bench.expected import Sample
from bench.lineup import Contender, Entry
from bench.rounds import DATABASE, interleaved
from bench.run import Run, measure
from bench.servers import Servers, running_servers
from bench.steady_events import steady_set
from bench.summary import Round
from bench.verdict import Expectations
from tokens.failure import Failure

_JUDGED_TOKENS = 50_000
"""The reference takes a GB for 100,000: of larger tables, so many rows are judged, and all are counted."""
_REST_SECONDS = 300


async def run_steady(
    console: Console,
    results: Path,
    preloaded: EventSet,
    lineup: Sequence[Entry],
    *,
    messages: int,
    runs: int,
    timeout_seconds: float,
) -> list[Round]:
    """Rounds over so many messages; each contender begins on a copy of the table that it filled itself, once.

    Raises Failure as soon as a run does not count.
    """
    events = steady_set(results, preloaded, messages)
    sample = sample_of(preloaded)
    before = expected_of(results, sample, preloaded)
    after = expected_of(results, sample, preloaded, events)
    async with running_servers(results / "servers", preloaded) as filling:
        for entry in lineup:
            await fill(console, filling, results, entry, preloaded, before, timeout_seconds)
        servers = await filling.loaded_with(events)

        async def one(entry: Entry) -> Run:
            async with servers.fresh_database(
                DATABASE, template=template_of(entry, preloaded)
            ) as database_url:
                contender = entry.enter(servers, database_url)
                return await measure(
                    contender,
                    servers,
                    messages,
                    after,
                    database_url,
                    results,
                    timeout_seconds=timeout_seconds,
                )

        return await interleaved(console, lineup, runs, one)


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


def template_of(entry: Entry, preloaded: EventSet) -> str:
    """The database that a contender filled: other tables, another one."""
    return f"filled_{entry.layout()}_{preloaded.digest[:8]}"


async def fill(
    console: Console,
    servers: Servers,
    results: Path,
    entry: Entry,
    preloaded: EventSet,
    expected: Expectations,
    timeout_seconds: float,
) -> None:
    """Have the contender fill its database, where it has not. Raises Failure where the rows are not right."""
    name = template_of(entry, preloaded)
    if await servers.has_database(name):
        return
    unfinished = f"{name}_unfinished"
    async with servers.fresh_database(unfinished) as database_url:
        contender = entry.enter(servers, database_url)
        run = await measure(
            contender,
            servers,
            preloaded.messages,
            expected,
            database_url,
            results,
            timeout_seconds=timeout_seconds,
            rest=lambda: _rest(contender),
        )
        console.print(
            f"{entry.name} filled a table of {run.rows:,} tokens: {run.events_per_second:,.0f} events/s"
        )
        await servers.keep_database(unfinished, name)


async def _rest(contender: Contender) -> None:
    """Wait until what the clock brings is done too: nobody pays for it in the runs that follow."""
    deadline = time.monotonic() + _REST_SECONDS
    while not await contender.rested():
        if time.monotonic() > deadline:
            raise Failure(f"{contender.name} has not come to rest after {_REST_SECONDS} s")
        await asyncio.sleep(1)
