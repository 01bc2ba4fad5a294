"""The steady state: a table that is full already, and single events to random tokens of it at full speed."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from bench.event_set import EventSet
from bench.filling import expected_of, fill_all, sample_of, template_of
from bench.lineup import Entry
from bench.rounds import DATABASE, Keep, interleaved
from bench.run import Run, measure
from bench.servers import running_servers
from bench.steady_events import steady_set
from bench.summary import Round


async def run_steady(
    console: Console,
    results: Path,
    preloaded: EventSet,
    lineup: Sequence[Entry],
    *,
    messages: int,
    runs: int,
    timeout_seconds: float,
    keep: Keep,
) -> list[Round]:
    """Rounds over so many messages; each contender begins on a copy of the table that it filled itself, once.

    Raises Failure as soon as a run does not count.
    """
    events = steady_set(results, preloaded, messages)
    after = expected_of(results, sample_of(preloaded), preloaded, events)
    await fill_all(console, results, lineup, preloaded)
    async with running_servers(results / "servers", events) as servers:

        async def one(entry: Entry) -> Run:
            template = template_of(entry, preloaded)
            async with servers.fresh_database(DATABASE, template=template) as database_url:
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

        return await interleaved(console, lineup, runs, one, keep)
