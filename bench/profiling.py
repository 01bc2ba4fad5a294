"""Where the time goes: py-spy beside each process of a contender, pg_stat_statements inside Postgres."""

import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import asyncpg
from rich.console import Console
from rich.table import Table

from bench.event_set import EventSet
from bench.lineup import Entry
from bench.rounds import DATABASE, expectations
from bench.run import Run, measure
from bench.samples import Samples, read_samples
from bench.servers import running_servers
from tokens.embedded.child import Child

SAMPLES_A_SECOND = 200
_STATISTICS = {"shared_preload_libraries": "pg_stat_statements", "pg_stat_statements.track": "all"}
_STATEMENTS = 15
_WRITE_SECONDS = 30


class Profiler:
    """Samples the processes of one run, and reads what its statements cost."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._name = name
        self._spies: list[tuple[Child, Path]] = []
        self._begun_at = 0.0
        self.seconds = 0.0
        self.samples: list[Samples] = []
        self.statements: list[Any] = []

    async def begun(self, pids: list[int]) -> None:
        """Attach to each process."""
        for pid in pids:
            output = self._folder / f"profile-{self._name}-{len(self._spies)}.txt"
            output.unlink(missing_ok=True)
            command: list[str | Path] = [Path(sys.executable).parent / "py-spy", "record", "--pid", str(pid)]
            command += ["--rate", str(SAMPLES_A_SECOND), "--format", "raw", "--output", output]
            command += ["--threads", "--full-filenames", "--duration", "3600"]
            log = self._folder / "py-spy.log"
            self._spies.append((Child("py-spy", command, log=log, stop_signal=signal.SIGINT), output))
        self._begun_at = time.monotonic()

    async def ended(self, connection: Any) -> None:
        """Detach, and read both."""
        self.seconds = time.monotonic() - self._begun_at
        self.statements = await connection.fetch(
            """
            select query, calls, total_exec_time / 1000 as seconds, rows, wal_bytes::bigint
            from pg_stat_statements
            where dbid = (select oid from pg_database where datname = current_database())
              and query not like '%pg_stat_statements%'
            order by total_exec_time desc limit $1
            """,
            _STATEMENTS,
        )
        for spy, output in self._spies:
            await spy.stop(patience_seconds=_WRITE_SECONDS)
            self.samples.append(read_samples(output))


async def profile(
    console: Console, results: Path, events: EventSet, lineup: Sequence[Entry], *, timeout_seconds: float
) -> None:
    """One run of each contender, looked at; its figures are dearer than those of others."""
    async with running_servers(results / "servers", events, tuning=_STATISTICS) as servers:
        for entry in lineup:
            async with servers.fresh_database(DATABASE) as database_url:
                await _count_statements(database_url)
                profiler = Profiler(results, entry.name.replace(" ", "-").replace(",", ""))
                run = await measure(
                    entry.enter(servers, database_url),
                    servers,
                    events.messages,
                    expectations(events, results),
                    database_url,
                    results,
                    timeout_seconds=timeout_seconds,
                    observer=profiler,
                )
            _show(console, run, profiler)


async def _count_statements(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(
            "create schema bench; create extension pg_stat_statements schema bench; "
            "alter database bench set search_path = public, bench; select bench.pg_stat_statements_reset()"
        )
    finally:
        await connection.close()


def _show(console: Console, run: Run, profiler: Profiler) -> None:
    console.rule(f"{run.contender}: {run.events_per_second:,.0f} events/s while looked at")
    for samples in profiler.samples:
        working = samples.total / SAMPLES_A_SECOND
        waiting = max(0.0, profiler.seconds - working)
        console.print(f"working {working:.2f} s, waiting {waiting:.2f} s of {profiler.seconds:.2f} s")
        _show_counts(console, run, "component", samples.by_component())
        _show_counts(console, run, "asyncpg, by who calls it", samples.of_asyncpg_by_caller())
        _show_counts(console, run, "function, itself", samples.by_function())
        _show_counts(console, run, "function, with what it calls", samples.by_function_cumulative())
        _show_counts(console, run, "line, itself", samples.by_line())
    table = Table("seconds", "µs/event", "calls", "rows", "WAL MB", "statement", title="Postgres")
    for statement in profiler.statements:
        table.add_row(
            f"{statement['seconds']:.2f}",
            f"{run.per_event(statement['seconds']) * 1e6:.2f}",
            f"{statement['calls']:,}",
            f"{statement['rows']:,}",
            f"{statement['wal_bytes'] / 1e6:,.1f}",
            " ".join(statement["query"].split())[:110],
        )
    console.print(table)


def _show_counts(console: Console, run: Run, title: str, counts: list[tuple[str, int]]) -> None:
    table = Table(title, "seconds", "µs/event")
    for name, count in counts:
        seconds = count / SAMPLES_A_SECOND
        table.add_row(name, f"{seconds:.2f}", f"{run.per_event(seconds) * 1e6:.2f}")
    console.print(table)
