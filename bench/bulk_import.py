"""Years of history through the same door: workers that drain it, beside `psql \\copy` of the rows they leave."""

import asyncio
import contextlib
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import asyncpg
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from bench.contenders.ours import Ours
from bench.event_set import EventSet
from bench.exports.database import PSQL
from bench.rounds import DATABASE
from bench.run import Run, measure
from bench.servers import running_servers
from bench.steady import expected_of, sample_of
from tokens.failure import Failure

_COPIES = ("tokens", "segments", "events")


class Copied(NamedTuple):
    """`psql \\copy` of one table's rows into an empty one with the same indexes."""

    table: str
    rows: int
    seconds: float
    megabytes: float


async def import_events(
    console: Console, results: Path, events: EventSet, *, workers: int, timeout_seconds: float
) -> tuple[Run, list[Copied]]:
    """Drain them into an empty database, with progress. Raises Failure where the rows are not the right ones.

    What a killed worker leaves is taken up by the next one: places are in Postgres, in the transaction of the rows.
    """
    async with (
        running_servers(results / "servers", events) as servers,
        servers.fresh_database(DATABASE) as database_url,
    ):
        with Progress(
            "importing",
            BarColumn(),
            TextColumn("{task.completed:,.0f} of {task.total:,.0f} events"),
            TimeRemainingColumn(),
            console=console,
            transient=True,
        ) as progress:
            task = progress.add_task("", total=events.messages)
            run = await measure(
                Ours(servers, workers, database_url),
                servers,
                events.messages,
                expected_of(results, sample_of(events), events),
                database_url,
                results,
                timeout_seconds=timeout_seconds,
                progress=lambda place: progress.update(task, completed=place),
            )
        await servers.checkpoint()
        return run, [await _copied(database_url, table) for table in _COPIES]


def import_table(run: Run, copies: list[Copied]) -> list[list[str]]:
    """Both, with a row of titles."""
    rows = [["", "rows", "seconds", "a second", "MB"]]
    door = [
        f"{run.contender}: events",
        f"{run.messages:,}",
        f"{run.seconds:,.1f}",
        f"{run.events_per_second:,.0f}",
    ]
    rows.append([*door, f"{run.table_bytes / 2**20:,.0f}"])
    for each in copies:
        rate = f"{each.rows / each.seconds:,.0f}"
        rows.append(
            [
                f"`\\copy {each.table}`",
                f"{each.rows:,}",
                f"{each.seconds:,.1f}",
                rate,
                f"{each.megabytes:,.0f}",
            ]
        )
    return rows


async def _copied(database_url: str, table: str) -> Copied:
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(f"create table copied (like {table} including all)")
        names = await connection.fetch(
            "select attname from pg_attribute where attrelid = 'copied'::regclass and attnum > 0 "
            "and not attisdropped and attgenerated = '' order by attnum"
        )
        columns = ", ".join(f'"{name}"' for (name,) in names)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "rows"
            await _psql(database_url, f"\\copy {table} ({columns}) to '{file}'")
            seconds = await _psql(database_url, f"\\copy copied ({columns}) from '{file}'")
        rows = int(await connection.fetchval("select count(*) from copied"))
        size = int(await connection.fetchval("select pg_total_relation_size('copied')"))
        await connection.execute("drop table copied")
        return Copied(table, rows, seconds, size / 2**20)
    finally:
        await connection.close()


async def _psql(database_url: str, command: str) -> float:
    """Its seconds."""
    started = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        PSQL,
        "--no-psqlrc",
        "--quiet",
        "--set=ON_ERROR_STOP=1",
        "--command",
        command,
        database_url,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        _, said = await process.communicate()
    except asyncio.CancelledError:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        raise
    if process.returncode != 0:
        raise Failure(f"psql: {said.decode().strip()}")
    return time.monotonic() - started
