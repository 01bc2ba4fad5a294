"""Databases with many tokens, each filled once and kept for the next run."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg

from bench.servers import MEMORY
from projections.migrate import migrate
from tokens.embedded.postgres import EmbeddedPostgres

Fill = Callable[[Any, int], Awaitable[None]]
"""Puts so many tokens into a migrated database, through a connection."""


@asynccontextmanager
async def filled_database(
    folder: Path, kind: str, tokens: int, fill: Fill, *, tuning: Mapping[str, str] | None = None
) -> AsyncIterator[tuple[EmbeddedPostgres, str]]:
    """Postgres on `folder`, and the URL of its database of a kind with so many tokens; filled where it is not yet,
    with these settings of Postgres over those of a benchmark.
    """
    filling, postgres = (
        EmbeddedPostgres(folder / "postgres", tuning={**MEMORY, **each}) for each in (tuning or {}, {})
    )
    name = f"{kind}_{tokens}"
    try:
        await postgres.start()
        if not await _is_filled(postgres, name, tokens):
            await postgres.stop()
            await filling.start()
            await _fill(filling, name, tokens, fill)
            await filling.stop()
            await postgres.start()
        yield postgres, postgres.url(name)
    finally:
        await filling.stop()
        await postgres.stop()


async def _is_filled(postgres: EmbeddedPostgres, name: str, tokens: int) -> bool:
    connection = await asyncpg.connect(postgres.url())
    try:
        if not await connection.fetchval("select exists (select from pg_database where datname = $1)", name):
            return False
    finally:
        await connection.close()
    # What the code reads may have changed since it was filled.
    await migrate(postgres.url(name))
    connection = await asyncpg.connect(postgres.url(name))
    try:
        return bool(await connection.fetchval("select count(*) = $1 from tokens", tokens))
    finally:
        await connection.close()


async def _fill(postgres: EmbeddedPostgres, name: str, tokens: int, fill: Fill) -> None:
    filling = f"{name}_being_filled"
    connection = await asyncpg.connect(postgres.url())
    try:
        for each in (filling, name):
            await connection.execute(f"drop database if exists {each} with (force)")
        await connection.execute(f"create database {filling}")
        await migrate(postgres.url(filling))
        filled = await asyncpg.connect(postgres.url(filling))
        try:
            await fill(filled, tokens)
        finally:
            await filled.close()
        await connection.execute(f"alter database {filling} rename to {name}")
    finally:
        await connection.close()
