"""Workers that are killed, join and leave in the middle of their work: no event is lost, none counts twice."""

import asyncio
import json
import signal
import time

import asyncpg
import pytest

from tests import events
from tests.events import Json
from tests.faults.conftest import StartWorker
from tests.faults.heard import follow, heard
from tests.lifecycle.consumer.draining import drained
from tests.lifecycle.consumer.producing import Topics
from tests.projections.recorder import stored
from tests.projections.recorder.waiting import until
from tests.reference import rules
from tests.reference.histories import ZONE, random_history, shuffled
from tokens.settings import Settings


def companies(count: int, seed: int) -> list[Json]:
    """The events of many small companies, which share no token, order or station."""
    history: list[Json] = []
    for number in range(count):
        for event in random_history(seed + number, tokens=6, length=40):
            text = json.dumps(event)
            for beginning in ("T", "SO-", "so-", "SH-", "S"):
                text = text.replace(f'"{beginning}', f'"{number}.{beginning}')
            text = text.replace('"urn:test:a"', f'"urn:test:a.{number}"').replace(
                '"urn:test:B"', f'"urn:test:B.{number}"'
            )
            history.append(json.loads(text))
    return history


async def whole(settings: Settings, sql: asyncpg.Connection, history: list[Json]) -> None:
    """Every event is recorded once, the rows are what the rules say, and so is what was announced."""
    assert await sql.fetchval("select count(*) from dead_letters") == 0
    assert await sql.fetchval("select count(*) from events where content is not null") == len(history)
    assert await sql.fetchval("select sum(messages) from segments") == len(history)
    histories = rules.history_of(history, ZONE)
    assert await stored.difference(sql, histories) is None
    now = time.time_ns() // 1000
    expected = {serial: row["status"] for serial, row in rules.rows_from(histories, now).items()}
    assert follow(await heard(settings, sql)) == expected


async def recorded(sql: asyncpg.Connection, at_least: int) -> None:
    """Wait until so many events are in the journal."""

    async def are_recorded() -> bool:
        return bool(await sql.fetchval("select count(*) from events") >= at_least)

    await until(are_recorded, f"{at_least} events are recorded", 60)


@pytest.mark.usefixtures("apache")
async def test_one_of_two_workers_is_killed_in_the_middle_and_starts_again(
    start_worker: StartWorker, topics: Topics, settings: Settings, sql: asyncpg.Connection
) -> None:
    seed = 1
    history = companies(60, seed)
    delivery = shuffled(history, seed, duplicates=0.2)
    one, other = start_worker(), start_worker()
    await one.until_ready()
    await other.until_ready()
    thirds = [delivery[: len(delivery) // 3], delivery[len(delivery) // 3 :]]
    await asyncio.to_thread(topics.send, *thirds[0])
    publishing = asyncio.create_task(asyncio.to_thread(topics.send, *thirds[1]))
    await recorded(sql, len(history) // 4)
    one.kill()
    again = start_worker()
    await publishing
    await again.until_ready()
    await drained(settings, 120)
    await whole(settings, sql, history)
    for worker in (other, again):
        assert worker.command.end(signal.SIGTERM, timeout_seconds=10) == 0, worker.log()


@pytest.mark.usefixtures("apache")
async def test_both_workers_are_killed_while_they_record(
    start_worker: StartWorker, topics: Topics, settings: Settings, sql: asyncpg.Connection
) -> None:
    """Each holds a transaction that never ends by itself; Postgres rolls them back.

    They wait where every batch has to pass: one of retractions whose events have not come touches no token.
    """
    history = companies(10, 1_000)
    holder = await asyncpg.connect(settings.database_url)
    holding = holder.transaction()
    await holding.start()
    await holder.execute("lock table events in share mode")
    topics.send(*history)
    workers = [start_worker(), start_worker()]

    async def are_recording() -> bool:
        waiting = await sql.fetchval(
            """
            select count(*) from pg_stat_activity
            where datname = current_database() and wait_event_type = 'Lock' and application_name = 'tokens worker'
            """
        )
        return bool(waiting >= 1)

    await until(are_recording, "a worker is in the middle of a transaction", 60)
    for worker in workers:
        worker.kill()
    await holding.rollback()
    await holder.close()
    assert await sql.fetchval("select count(*) from events") == 0
    start_worker()
    await drained(settings, 120)
    await whole(settings, sql, history)


async def test_a_worker_told_to_end_ends_within_ten_seconds_and_another_takes_over_at_once(
    start_worker: StartWorker, topics: Topics, settings: Settings, sql: asyncpg.Connection
) -> None:
    """In the middle of its work; it leaves the group, so that nobody waits for its session to time out."""
    history = companies(30, 2_000)
    first = start_worker()
    await first.until_ready()
    publishing = asyncio.create_task(asyncio.to_thread(topics.send, *history))
    await recorded(sql, len(history) // 10)
    before = time.monotonic()
    assert first.command.end(signal.SIGTERM, timeout_seconds=10) == 0, first.log()
    assert time.monotonic() - before < 10
    await publishing
    second = start_worker()
    await drained(settings, 60)
    await whole(settings, sql, history)
    assert second.command.end(signal.SIGINT, timeout_seconds=10) == 0, second.log()


async def test_an_idle_worker_told_to_end_ends_with_nothing_to_complain_of(
    start_worker: StartWorker, settings: Settings
) -> None:
    worker = start_worker()
    await worker.until_ready()
    assert worker.command.end(signal.SIGTERM, timeout_seconds=10) == 0, worker.log()
    assert "rror" not in worker.log()
    assert "Traceback" not in worker.log()


def test_the_companies_of_these_tests_are_apart() -> None:
    history = companies(3, 1)
    serials = rules.history_of(history, ZONE)
    assert {serial.split(".")[0] for serial in serials} == {"0", "1", "2"}
    assert len({(event["source"], event["id"]) for event in history}) == len(history)
    assert events.ERP not in {event["source"] for event in history}
