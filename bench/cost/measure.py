"""What the reckoning begins with: two filled databases, and the newest run of the backlog."""

from pathlib import Path

from rich.console import Console

from bench.contenders.ours import Ours
from bench.cost.disk import Disk, disk_of
from bench.cost.reckoning import Disks, Work
from bench.event_set import EventSet
from bench.filling import fill, template_of
from bench.lineup import OURS, entries
from bench.saved import latest
from bench.servers import running_servers
from bench.summary import figure
from tokens.failure import Failure


async def measure_disks(console: Console, results: Path, short: EventSet, long: EventSet) -> Disks:
    """Have one of our workers fill a database with each, where it has not, and look at what is on the disk."""
    [entry] = entries([1], [OURS])
    async with running_servers(results / "servers", short) as servers:

        async def one(events: EventSet) -> Disk:
            loaded = await servers.loaded_with(events)
            await fill(console, loaded, results, entry, events)
            url = loaded.postgres.url(template_of(entry, events))
            return await disk_of(url, results / "servers" / "kafka", loaded.topic_prefix, events)

        return Disks(await one(short), await one(long))


def work_of_backlog(results: Path) -> Work:
    """Of the newest runs of one worker. Raises Failure where there are none."""
    runs = [each[Ours.named(1)] for each in latest(results, "backlog") if Ours.named(1) in each]
    if not runs:
        raise Failure(
            "no backlog was drained by today's layout of the tables yet: run `python -m bench` first"
        )
    cpu = [run.client_cpu_seconds + run.postgres_cpu_seconds + run.broker_cpu_seconds for run in runs]
    return Work(
        figure([run.events_per_second for run in runs]).median,
        figure([run.per_event(each) for run, each in zip(runs, cpu, strict=True)]).median,
        figure([run.per_event(run.wal_bytes) for run in runs]).median,
    )
