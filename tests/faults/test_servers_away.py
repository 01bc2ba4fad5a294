"""Postgres or Kafka away: batches are tried again, readiness says so, nothing is lost, and work goes on."""

import signal
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from projections.migrate import migrate
from tests import events
from tests.faults.conftest import StartWorker
from tests.faults.test_killed_workers import companies, recorded, whole
from tests.faults.workers import Worker
from tests.lifecycle.consumer.draining import drained
from tests.lifecycle.consumer.producing import Topics
from tests.projections.recorder.waiting import held, until
from tokens.embedded.broker import EmbeddedBroker
from tokens.embedded.postgres import EmbeddedPostgres
from tokens.kafka_topics import make_missing_topics
from tokens.settings import Settings


@pytest.fixture
async def own_postgres(tmp_path: Path) -> AsyncIterator[EmbeddedPostgres]:
    """A Postgres that a test may stop; it keeps what it has acknowledged, whatever happens."""
    postgres = EmbeddedPostgres(tmp_path / "postgres")
    await postgres.start()
    await migrate(postgres.url())
    yield postgres
    await postgres.stop()


@pytest.fixture
def with_own_postgres(settings: Settings, own_postgres: EmbeddedPostgres) -> Settings:
    return settings.model_copy(update={"database_url": own_postgres.url()})


async def test_postgres_is_stopped_and_started_again_in_the_middle(
    topics: Topics, with_own_postgres: Settings, own_postgres: EmbeddedPostgres
) -> None:
    settings = with_own_postgres
    history = companies(40, 3_000)
    worker = Worker(settings)
    try:
        await worker.until_ready()
        half = len(history) // 2
        topics.send(*history[:half])
        sql = await asyncpg.connect(settings.database_url)
        await recorded(sql, 1)
        await sql.close()
        await own_postgres.stop()
        topics.send(*history[half:])
        await worker.until_hindered_by("database")
        status, body = await worker.answer("/healthz")
        assert (status, body["alive"]) == (200, True), "waiting is no reason to be restarted"
        await own_postgres.start()
        await worker.until_ready()
        await drained(settings, 120)
        sql = await asyncpg.connect(settings.database_url)
        await whole(settings, sql, history)
        await sql.close()
        assert worker.command.end(signal.SIGTERM, timeout_seconds=10) == 0, worker.log()
    finally:
        worker.command.close()


async def test_a_worker_told_to_end_while_postgres_is_away_ends(
    topics: Topics, with_own_postgres: Settings, own_postgres: EmbeddedPostgres
) -> None:
    worker = Worker(with_own_postgres)
    try:
        await worker.until_ready()
        await own_postgres.stop()
        topics.send(events.order(["T1"]))
        await worker.until_hindered_by("database")
        assert worker.command.end(signal.SIGTERM, timeout_seconds=10) == 0, worker.log()
    finally:
        worker.command.close()


async def test_a_worker_started_before_postgres_waits_for_it(
    topics: Topics, with_own_postgres: Settings, own_postgres: EmbeddedPostgres
) -> None:
    await own_postgres.stop()
    topics.send(events.order(["T1"]))
    worker = Worker(with_own_postgres)
    try:
        await worker.until_hindered_by("database")
        await own_postgres.start()
        await drained(with_own_postgres)
        assert await worker.is_ready()
    finally:
        worker.command.close()


async def test_sessions_are_ended_again_and_again(
    start_worker: StartWorker, topics: Topics, settings: Settings, sql: asyncpg.Connection
) -> None:
    """Each in the middle of a transaction, which waits for a lock that this test holds."""
    history = companies(10, 4_000)
    topics.send(*history)
    worker = start_worker()
    ended: set[int] = set()

    async def end_sessions() -> bool:
        sessions = await sql.fetch(
            """
            select pid, pg_terminate_backend(pid) from pg_stat_activity
            where datname = current_database() and application_name = 'tokens worker' and wait_event_type = 'Lock'
            """
        )
        ended.update(pid for pid, _ in sessions)
        return len(ended) >= 3

    async with held(settings.database_url or "", "lock table tokens in share mode"):
        await until(end_sessions, "three sessions are ended", 60)
        await worker.until_hindered_by("database")
    await drained(settings, 120)
    await whole(settings, sql, history)


async def test_kafka_is_stopped_and_started_again_in_the_middle(
    broker: EmbeddedBroker, tmp_path: Path, database_url: str, settings: Settings, sql: asyncpg.Connection
) -> None:
    own = type(broker)(tmp_path / "kafka")
    await own.start()
    settings = settings.model_copy(update={"kafka": own.bootstrap})
    make_missing_topics(settings, own.bootstrap)
    history = companies(10, 5_000)
    worker = Worker(settings)
    try:
        await worker.until_ready()
        half = len(history) // 2
        Topics(settings).send(*history[:half])
        await recorded(sql, 1)
        await own.stop()
        await worker.until_hindered_by("Kafka")
        await own.start()
        Topics(settings).send(*history[half:])
        await drained(settings, 120)
        await whole(settings, sql, history)
        await worker.until_ready()
        await own.stop()
        assert worker.command.end(signal.SIGTERM, timeout_seconds=10) == 0, worker.log()
    finally:
        worker.command.close()
        await own.stop()
