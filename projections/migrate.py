"""Brings a database to the schema that this version needs. Safe to run twice, and by two workers at once."""

import hashlib
from importlib.resources import files
from typing import Any, NamedTuple

import asyncpg

from projections.contract_sql import render_contract_sql

MIGRATIONS_LOCK = 7_100


class Migration(NamedTuple):
    """One numbered file of `projections/migrations/`."""

    version: int
    name: str
    sql: str


class SchemaMismatch(Exception):
    """The database's schema is older or newer than this version of the code; the message says what to do."""


def migrations() -> list[Migration]:
    """All migrations that this version knows, in order."""
    found = []
    for entry in files("projections").joinpath("migrations").iterdir():
        if entry.name.endswith(".sql"):
            version, _, name = entry.name.removesuffix(".sql").partition("_")
            found.append(Migration(int(version), name, entry.read_text(encoding="utf-8")))
    return sorted(found)


async def migrate(database_url: str) -> list[str]:
    """Apply what is missing, then render the public SQL contract where its text changed.

    Gives the names of what was applied. Raises `SchemaMismatch` where the database is newer than this code.
    """
    connection = await asyncpg.connect(database_url)
    try:
        async with connection.transaction():
            await connection.execute("select pg_advisory_xact_lock($1)", MIGRATIONS_LOCK)
            return await _migrate(connection)
    finally:
        await connection.close()


async def _migrate(connection: Any) -> list[str]:
    await connection.execute(
        """
        create table if not exists schema_migrations (
            version integer primary key, name text not null, applied_at timestamptz not null default now());
        create table if not exists contract_rendered (
            singleton boolean primary key default true check (singleton), digest text not null)
        """
    )
    reached = await connection.fetchval("select coalesce(max(version), 0) from schema_migrations")
    known = migrations()
    if reached > known[-1].version:
        raise SchemaMismatch(_newer(reached, known[-1].version))
    applied = []
    for migration in known:
        if migration.version > reached:
            await connection.execute(migration.sql)
            await connection.execute(
                "insert into schema_migrations (version, name) values ($1, $2)",
                migration.version,
                migration.name,
            )
            applied.append(f"{migration.version:04}_{migration.name}")
    contract = render_contract_sql()
    digest = hashlib.sha256(contract.encode()).hexdigest()
    if digest != await connection.fetchval("select digest from contract_rendered"):
        await connection.execute(contract)
        await connection.execute(
            """
            insert into contract_rendered (digest) values ($1)
            on conflict (singleton) do update set digest = excluded.digest
            """,
            digest,
        )
        applied.append("the views of the SQL contract")
    return applied


async def check_schema(connection: Any) -> None:
    """Raise `SchemaMismatch` unless the database has exactly the schema of this version."""
    known = migrations()[-1].version
    if await connection.fetchval("select to_regclass('schema_migrations')") is None:
        raise SchemaMismatch("the database has no tables yet; run `tokens migrate`")
    reached = await connection.fetchval("select coalesce(max(version), 0) from schema_migrations")
    if reached < known:
        raise SchemaMismatch(
            f"the database is at schema {reached}, this version needs {known}; run `tokens migrate`"
        )
    if reached > known:
        raise SchemaMismatch(_newer(reached, known))


def _newer(reached: int, known: int) -> str:
    return f"the database is at schema {reached}, newer than the {known} of this version; install the newer version"
