"""One run of one contender: from its first fetch until everything is stored, measured from outside."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import asyncpg

from bench import processes
from bench.crew import Crew
from bench.lineup import Contender
from bench.servers import Servers
from bench.verdict import Expectations
from tokens.failure import Failure

POLL_SECONDS = 0.05
_READY_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Run:
    """What one run came to. CPU seconds are those of the measured time alone.

    `others_cpu_seconds` is what else ran on the machine: a run beside much of it says little.
    """

    contender: str
    messages: int
    seconds: float
    client_cpu_seconds: float
    postgres_cpu_seconds: float
    broker_cpu_seconds: float
    others_cpu_seconds: float
    wal_bytes: int
    peak_memory_bytes: int
    table_bytes: int
    rows: int
    rows_hash: str

    @property
    def events_per_second(self) -> float:
        """Messages by the clock on the wall."""
        return self.messages / self.seconds

    def per_event(self, amount: float) -> float:
        """An amount, by message."""
        return amount / self.messages


class Observer(Protocol):
    """Who looks on while a contender works."""

    async def begun(self, pids: list[int]) -> None:
        """The first fetch is about to happen."""

    async def ended(self, connection: Any) -> None:
        """Everything is stored; the processes and the tables are still there."""


@dataclass(frozen=True, slots=True)
class _Reading:
    at: float
    client: float
    postgres: float
    broker: float
    busy: float
    wal: int


def nobody(place: int) -> None:
    """Hears how far it is."""


@asynccontextmanager
async def running(contender: Contender, connection: Any, folder: Path) -> AsyncIterator[Crew]:
    """Its processes, about to fetch; stopped at the end. Raises Failure where they do not get there."""
    crew = Crew(contender, folder)
    try:
        crew.start()
        await _reach(contender, connection, crew, 0, _READY_SECONDS)
        yield crew
    finally:
        await crew.stop()


async def measure(
    contender: Contender,
    servers: Servers,
    messages: int,
    expected: Expectations,
    database_url: str,
    folder: Path,
    *,
    timeout_seconds: float,
    observer: Observer | None = None,
    rest: Callable[[], Awaitable[None]] | None = None,
    progress: Callable[[int], None] = nobody,
    killed_at: int | None = None,
) -> Run:
    """Run a contender on a database until it has stored so many messages.

    `rest` is waited for after the measured time, while it still runs. Once it has stored `killed_at` messages, one of
    its processes is killed, and another one started. Raises Failure where it ends, is too slow, or comes to other rows
    than `expected`.
    """
    await contender.prepare()
    await servers.checkpoint()
    async with AsyncExitStack() as stack:
        connection = await asyncpg.connect(database_url)
        stack.push_async_callback(connection.close)
        crew = await stack.enter_async_context(running(contender, connection, folder))
        first = await _read(crew, servers, connection)
        if observer is not None:
            await observer.begun(crew.pids)
        deadline = first.at + timeout_seconds
        if killed_at is not None:
            await _reach(contender, connection, crew, killed_at, timeout_seconds, progress)
            await crew.kill_one()
        await _reach(contender, connection, crew, messages, deadline - time.monotonic(), progress)
        last = await _read(crew, servers, connection)
        memory = crew.peak_memory_bytes()
        if observer is not None:
            await observer.ended(connection)
        if rest is not None:
            await rest()
        table_bytes = await _table_bytes(connection)
        rows, rows_hash = await contender.judge(connection, expected)
        measured = last.client - first.client + last.postgres - first.postgres + last.broker - first.broker
        return Run(
            contender.name,
            messages,
            last.at - first.at,
            last.client - first.client,
            last.postgres - first.postgres,
            last.broker - first.broker,
            max(0.0, last.busy - first.busy - measured),
            last.wal - first.wal,
            memory,
            table_bytes,
            rows,
            rows_hash,
        )


async def _reach(
    contender: Contender,
    connection: Any,
    crew: Crew,
    place: int,
    timeout_seconds: float,
    progress: Callable[[int], None] = nobody,
) -> None:
    deadline = time.monotonic() + timeout_seconds
    while True:
        reached = await contender.place(connection, crew.log)
        progress(reached or 0)
        if reached is not None and reached >= place:
            return
        crew.require_all()
        if time.monotonic() > deadline:
            raise Failure(
                f"{contender.name} was at {reached} of {place} after {timeout_seconds:.0f} s; "
                f"its log is {crew.log}"
            )
        await asyncio.sleep(POLL_SECONDS)


async def _read(crew: Crew, servers: Servers, connection: Any) -> _Reading:
    at = time.monotonic()
    wal = await connection.fetchval("select pg_current_wal_insert_lsn() - '0/0'")
    return _Reading(
        at,
        crew.cpu_seconds(),
        processes.cpu_seconds(servers.postgres.child.pid),
        processes.cpu_seconds(servers.kafka.child.pid),
        processes.busy_seconds(),
        int(wal),
    )


async def _table_bytes(connection: Any) -> int:
    return int(
        await connection.fetchval(
            "select sum(pg_total_relation_size(oid)) from pg_class "
            "where relkind = 'r' and relnamespace = 'public'::regnamespace"
        )
    )
