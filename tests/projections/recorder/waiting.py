"""Conditions that tests wait for, each with a deadline: never a sleep of a guessed length."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import asyncpg

DEADLINE_SECONDS = 30.0


async def until(
    condition: Callable[[], Awaitable[object]], what: str, deadline_seconds: float = DEADLINE_SECONDS
) -> None:
    """Return when the condition is true. Fails, naming `what` was waited for, when the time is over."""
    deadline = time.monotonic() + deadline_seconds
    while not await condition():
        assert time.monotonic() < deadline, f"{what}: not within {deadline_seconds:g} s"
        await asyncio.sleep(0.02)


async def until_blocked(sql: asyncpg.Connection, sessions: int) -> None:
    """Return when so many sessions of this database wait for a lock."""

    async def are_blocked() -> bool:
        blocked = await sql.fetchval(
            """
            select count(*) from pg_stat_activity
            where datname = current_database() and wait_event_type = 'Lock'
            """
        )
        return bool(blocked >= sessions)

    await until(are_blocked, f"{sessions} sessions wait for a lock")


@asynccontextmanager
async def held(database_url: str, *statements: str) -> AsyncIterator[None]:
    """While inside, a session of its own holds what these statements lock or write; then it commits."""
    connection = await asyncpg.connect(database_url)
    try:
        async with connection.transaction():
            for statement in statements:
                await connection.execute(statement)
            yield
    finally:
        await connection.close()
