"""Where going on could lose something, the process ends: exit code 1, and the reason in its last words."""

import os
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from lifecycle.topic_ids import topic_ids
from tests import events
from tests.faults.conftest import StartWorker
from tests.faults.workers import environment
from tests.lifecycle.consumer.draining import drained
from tests.lifecycle.consumer.producing import Topics
from tests.tokens.commands import tokens
from tokens.embedded.ports import LOOPBACK, free_port
from tokens.settings import Settings

HISTORY = [events.order([f"T{number}"], sales_order=f"SO-{number}") for number in range(5)]


async def test_an_offset_out_of_range(
    start_worker: StartWorker, topics: Topics, settings: Settings, sql: asyncpg.Connection
) -> None:
    topic = settings.topic("orders")
    [topic_id] = (await topic_ids(settings.kafka or "", [topic])).values()
    await sql.execute("insert into offsets values ($1, 1, $2, 1000)", topic, topic_id)
    topics.send(*HISTORY)
    worker = start_worker()
    assert worker.command.wait(timeout_seconds=60) == 1, worker.log()
    assert f"{topic}/1 has no offset 1000" in worker.log()


async def test_a_topic_made_anew(
    start_worker: StartWorker, topics: Topics, settings: Settings, sql: asyncpg.Connection
) -> None:
    topic = settings.topic("orders")
    await sql.execute("insert into offsets values ($1, 1, 'of another', 2)", topic)
    topics.send(*HISTORY)
    worker = start_worker()
    assert worker.command.wait(timeout_seconds=60) == 1, worker.log()
    assert f"topic '{topic}' was made anew" in worker.log()


async def test_an_error_that_nobody_knows(
    start_worker: StartWorker, topics: Topics, settings: Settings, sql: asyncpg.Connection
) -> None:
    """And after the fix it goes on from where it was."""
    topics.send(*HISTORY)
    await sql.execute("alter table tokens rename to elsewhere")
    worker = start_worker()
    assert worker.command.wait(timeout_seconds=60) == 1, worker.log()
    assert "elsewhere" in worker.log() or "tokens" in worker.log()
    assert await sql.fetchval("select count(*) from events") == 0
    await sql.execute("alter table elsewhere rename to tokens")
    start_worker()
    await drained(settings)
    assert await sql.fetchval("select count(*) from tokens") == len(HISTORY)


@pytest.mark.parametrize("database", ["newer", "empty"])
async def test_a_database_of_another_schema(
    database: str, start_worker: StartWorker, settings: Settings, sql: asyncpg.Connection
) -> None:
    if database == "newer":
        await sql.execute("insert into schema_migrations (version, name) values (9999, 'of tomorrow')")
    else:
        await sql.execute("drop table schema_migrations cascade")
    worker = start_worker()
    assert worker.command.wait(timeout_seconds=60) == 1, worker.log()
    assert ("install the newer version" if database == "newer" else "tokens migrate") in worker.log()


async def test_faust_itself_runs_the_same_worker(
    topics: Topics, settings: Settings, sql: asyncpg.Connection, tmp_path: Path
) -> None:
    """`faust -A tokens.faust_app worker`; and it ends as loudly."""
    topics.send(*HISTORY)
    with (tmp_path / "log").open("wb") as log:
        worker = subprocess.Popen(
            [sys.executable, "-m", "faust", "-A", "tokens.faust_app", "worker"],
            env={**os.environ, **environment(settings, f"{LOOPBACK}:{free_port()}")},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            await drained(settings)
            assert await sql.fetchval("select count(*) from tokens") == len(HISTORY)
            await sql.execute("update offsets set next_offset = next_offset + 1000")
            topics.send(events.order(["T9"], sales_order="SO-9"))
            assert worker.wait(timeout=60) == 1
        finally:
            worker.kill()
            worker.wait()
    assert "has no offset" in (tmp_path / "log").read_text()


def test_a_wrong_setting_is_named(settings: Settings) -> None:
    done = tokens("worker", settings={"TOKENS_ZONE": "Mars/Olympus"})
    assert done.returncode == 2
    assert "TOKENS_ZONE" in done.stderr
