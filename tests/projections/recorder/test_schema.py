"""A recorder works on a database of its own schema alone; migrations may run twice, and by two at once."""

import asyncio

import asyncpg
import pytest

from lifecycle.calendar import Calendar
from lifecycle.recording import Unavailable
from projections.migrate import SchemaMismatch, migrate, migrations
from projections.recorder import PostgresRecorder
from tests.projections.recorder.conftest import Clock
from tests.reference.histories import ZONE


@pytest.fixture
def opening(database_url: str, clock: Clock) -> PostgresRecorder:
    return PostgresRecorder(database_url, Calendar(ZONE), clock)


async def test_a_database_newer_than_the_code_is_refused(
    opening: PostgresRecorder, sql: asyncpg.Connection, database_url: str
) -> None:
    await sql.execute("insert into schema_migrations (version, name) values (9999, 'of tomorrow')")
    with pytest.raises(SchemaMismatch, match="install the newer version"):
        await opening.open()
    with pytest.raises(SchemaMismatch, match="newer than"):
        await migrate(database_url)
    await opening.close()


async def test_a_database_older_than_the_code_is_refused(
    opening: PostgresRecorder, sql: asyncpg.Connection
) -> None:
    await sql.execute("delete from schema_migrations")
    with pytest.raises(SchemaMismatch, match="run `tokens migrate`"):
        await opening.open()
    await opening.close()


async def test_a_database_without_tables_is_refused(empty_database_url: str, clock: Clock) -> None:
    recorder = PostgresRecorder(empty_database_url, Calendar(ZONE), clock)
    with pytest.raises(SchemaMismatch, match="run `tokens migrate`"):
        await recorder.open()
    await recorder.close()


async def test_two_migrations_at_once_and_another_after_them(empty_database_url: str) -> None:
    one, other = await asyncio.gather(migrate(empty_database_url), migrate(empty_database_url))
    assert sorted([bool(one), bool(other)]) == [False, True], "the second finds nothing to do"
    assert len(one or other) == len(migrations()) + 1
    assert await migrate(empty_database_url) == []


async def test_a_server_that_is_not_there_is_waited_for(clock: Clock) -> None:
    """`Unavailable` is what the consumer tries again; anything else ends the worker."""
    nobody = PostgresRecorder("postgresql://nobody:x@127.0.0.1:1/none", Calendar(ZONE), clock)
    with pytest.raises(Unavailable, match="cannot be reached"):
        await nobody.open()
    with pytest.raises(Unavailable):
        await nobody.places({}, {})
    await nobody.close()
