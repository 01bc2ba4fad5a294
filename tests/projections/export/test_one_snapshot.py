"""An export is one snapshot, whole or an error, and never more of it in memory than a part."""

import asyncio
import tracemalloc

import asyncpg
import pytest

from projections.export.csv_file import write_csv
from projections.export.parameters import read_export_request
from projections.query.database import DatabaseAway, reading
from projections.query.scope import AllOrganizations
from tests.projections.read.conftest import NOW, PACIFIC, microseconds

MANY = 60_000


async def _store_many(writer: asyncpg.Connection, rows: int = MANY) -> None:
    await writer.execute(
        f"""
        insert into tokens
            (token_serial, description, new_at, span_starts_at, sequence, fold_version, digest, facts)
        select lpad(number::text, 8, '0'), repeat('x', 400), $1, $1, 1, 1, '', ''
        from generate_series(1, {rows}) as number
        """,
        NOW,
    )


async def test_it_is_one_snapshot_whatever_happens_meanwhile(
    database_url: str, writer: asyncpg.Connection
) -> None:
    await _store_many(writer)
    content = bytearray()

    async def write(chunk: bytes) -> None:
        if not content:
            await writer.execute("delete from tokens where token_serial > '00001000'")
            await writer.execute("update tokens set description = 'changed'")
        content.extend(chunk)

    async with reading(database_url, statement_timeout_s=30) as connection:
        request = read_export_request([], AllOrganizations(), microseconds(NOW), PACIFIC)
        assert await write_csv(connection, request, write) == MANY
    assert content.count(b"\r\n") == MANY + 1
    assert b"changed" not in content


async def test_a_slow_reader_keeps_the_rest_in_postgres(
    database_url: str, writer: asyncpg.Connection
) -> None:
    await _store_many(writer)
    size = 0

    async def write(chunk: bytes) -> None:
        nonlocal size
        if size == 0:
            await asyncio.sleep(1)
        size += len(chunk)

    async with reading(database_url, statement_timeout_s=30) as connection:
        request = read_export_request([], AllOrganizations(), microseconds(NOW), PACIFIC)
        tracemalloc.start()
        try:
            await write_csv(connection, request, write)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert size > 25_000_000
    assert peak < 2_500_000


async def test_an_export_may_take_longer_than_a_query(database_url: str, writer: asyncpg.Connection) -> None:
    await _store_many(writer)
    waited = False

    async def write(_: bytes) -> None:
        nonlocal waited
        if not waited:
            waited = True
            await asyncio.sleep(0.5)

    async with reading(database_url, statement_timeout_s=0.2) as connection:
        request = read_export_request([], AllOrganizations(), microseconds(NOW), PACIFIC)
        assert await write_csv(connection, request, write) == MANY


@pytest.mark.parametrize("at_first_chunk", [True, False])
async def test_a_connection_that_is_lost_is_an_error(
    database_url: str, writer: asyncpg.Connection, at_first_chunk: bool
) -> None:
    await _store_many(writer)
    chunks = 0

    async def write(_: bytes) -> None:
        nonlocal chunks
        chunks += 1
        if chunks == (1 if at_first_chunk else 20):
            await writer.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where application_name like '%reader'"
            )
            await asyncio.sleep(0.1)

    request = read_export_request([], AllOrganizations(), microseconds(NOW), PACIFIC)
    with pytest.raises(DatabaseAway):
        async with reading(database_url, statement_timeout_s=30) as connection, asyncio.timeout(10):
            await write_csv(connection, request, write)


@pytest.mark.parametrize("rows", [1, MANY])
async def test_an_error_of_the_one_who_writes_is_their_own(
    database_url: str, writer: asyncpg.Connection, rows: int
) -> None:
    await _store_many(writer, rows)

    async def write(_: bytes) -> None:
        raise ZeroDivisionError

    request = read_export_request([], AllOrganizations(), microseconds(NOW), PACIFIC)
    with pytest.raises(ZeroDivisionError):
        async with asyncio.timeout(10), reading(database_url, statement_timeout_s=30) as connection:
            await write_csv(connection, request, write)
