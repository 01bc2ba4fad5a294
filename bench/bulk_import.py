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

from bench.event_set import EventSet
from bench.exports.database import PSQL
from bench.filling import fill, template_of
from bench.lineup import Entry
from bench.run import Run
from bench.servers import running_servers
from tokens.failure import Failure

_COPIED_TABLES = 3


class Copied(NamedTuple):
    """`psql \\copy` of one table's rows into an empty one with the same indexes."""

    table: str
    rows: int
    seconds: float
    megabytes: float


async def import_events(
    console: Console, results: Path, events: EventSet, entry: Entry, *, copies: bool
) -> tuple[Run, list[Copied]]:
    """Drain them into an empty database, with progress, and keep it: other benchmarks begin on copies of it.

    Halfway a worker is killed, and another one started, which reads on. Raises Failure where the rows are not the right
    ones in the end. With `copies`, `psql \\copy` of the largest tables is measured too.
    """
    async with running_servers(results / "servers", events) as servers:
        with Progress(
            "importing",
            BarColumn(),
            TextColumn("{task.completed:,.0f} of {task.total:,.0f} events"),
            TimeRemainingColumn(),
            console=console,
            transient=True,
        ) as progress:
            task = progress.add_task("", total=events.messages)
            run = await fill(
                console,
                servers,
                results,
                entry,
                events,
                again=True,
                progress=lambda place: progress.update(task, completed=place),
                killed_at=events.messages // 2,
            )
            assert run is not None, "it was filled again"
        await servers.checkpoint()
        return run, await _all_copied(servers.postgres.url(template_of(entry, events))) if copies else []


def import_table(run: Run, copies: list[Copied]) -> list[list[str]]:
    """Both, with a row of titles."""
    rows = [["", "rows", "seconds", "a second", "MB"]]
    door = [
        f"{run.contender}, one killed halfway: events",
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


async def _all_copied(database_url: str) -> list[Copied]:
    connection = await asyncpg.connect(database_url)
    try:
        # What is left of an interrupted benchmark is none of the tables.
        await connection.execute("drop table if exists copied")
        tables = await connection.fetch(
            "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace "
            "order by pg_total_relation_size(oid) desc limit $1",
            _COPIED_TABLES,
        )
    finally:
        await connection.close()
    return [await _copied(database_url, table) for (table,) in tables]


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
