"""What the reckoning begins with: two filled databases, and the newest runs of other benchmarks."""

import statistics
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from bench.cost.disk import Disk, disk_of
from bench.cost.reckoning import Disks, Work
from bench.event_set import EventSet
from bench.filling import fill_all, template_of
from bench.lineup import OURS, entries, is_ours
from bench.run import Run
from bench.saved import latest
from bench.servers import running_servers
from bench.summary import Round
from tokens.failure import Failure


async def measure_disks(console: Console, results: Path, short: EventSet, long: EventSet) -> Disks:
    """Have one of our workers fill a database with each, where it has not, and look at what is on the disk."""
    [entry] = entries([1], [OURS])

    async def one(events: EventSet) -> Disk:
        await fill_all(console, results, [entry], events)
        async with running_servers(results / "servers", events) as servers:
            url = servers.postgres.url(template_of(entry, events))
            return await disk_of(url, results / "servers" / "kafka", servers.topics, events)

    return Disks(await one(short), await one(long))


def work_of(results: Path, kind: str) -> Work:
    """Of ours, by the newest runs of a kind, of the largest table there was. Raises Failure where there are none."""
    for rounds in reversed(latest(results, kind).values()):
        if runs := _runs_of_ours(rounds):
            cpu = [run.client_cpu_seconds + run.postgres_cpu_seconds + run.broker_cpu_seconds for run in runs]
            return Work(
                statistics.median(run.events_per_second for run in runs),
                statistics.median(run.per_event(each) for run, each in zip(runs, cpu, strict=True)),
                statistics.median(run.per_event(run.wal_bytes) for run in runs),
            )
    raise Failure(f"today's layout of the tables has no results of {kind} yet: measure them first")


def _runs_of_ours(rounds: Sequence[Round]) -> list[Run]:
    """Of the fewest processes that ran."""
    names = [name for name in rounds[0] if is_ours(name)]
    return [each[names[0]] for each in rounds if names and names[0] in each]
