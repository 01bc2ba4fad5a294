"""Where reading begins and goes on, and when it must stop: nothing is skipped in silence."""

import asyncio
from collections.abc import Iterable

import asyncpg
import pytest
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient

from lifecycle import consumer
from lifecycle.consumer import Consumer
from lifecycle.recording import TopicMadeAnew
from lifecycle.topic_ids import TopicMissing, topic_ids
from schemas.topics import INPUT_TOPICS
from tests import events
from tests.lifecycle.consumer.conftest import Start
from tests.lifecycle.consumer.draining import drained
from tests.lifecycle.consumer.producing import SECONDS, Topics
from tests.projections.recorder import stored
from tests.projections.recorder.waiting import until
from tests.reference import rules
from tests.reference.histories import ZONE
from tokens.kafka_topics import make_missing_topics
from tokens.settings import Settings

HISTORY = [events.order([f"T{number}"], sales_order=f"SO-{number}") for number in range(40)]


@pytest.fixture
def admin(kafka: str) -> AdminClient:
    """What operators do to topics."""
    return AdminClient({"bootstrap.servers": kafka, "log_level": 0})


async def delete(admin: AdminClient, topic: str) -> None:
    for deletion in admin.delete_topics([topic], operation_timeout=SECONDS).values():
        deletion.result(SECONDS)

    async def is_gone() -> bool:
        return topic not in admin.list_topics(timeout=SECONDS).topics

    await until(is_gone, f"{topic} is deleted")


async def make_again(settings: Settings, topic: str) -> None:
    """Make a topic that was deleted, once its name is free."""
    assert settings.kafka is not None

    async def is_made() -> bool:
        return topic in make_missing_topics(settings, settings.kafka or "")

    await until(is_made, f"{topic} is made again")


def truncate(admin: AdminClient, topic: str, partition: int, offset: int) -> None:
    """What retention does."""
    for deletion in admin.delete_records([TopicPartition(topic, partition, offset)]).values():
        deletion.result(SECONDS)


async def crashed(reading: Consumer) -> BaseException:
    """Wait for the consumer to give up; why it did."""

    async def has_crashed() -> bool:
        return bool(reading.crashed)

    await until(has_crashed, "the consumer gives up", deadline_seconds=60)
    reason = reading.crash_reason
    assert isinstance(reason, BaseException)
    await reading.stop()  # as its process would
    return reason


async def test_the_first_start_begins_with_the_first_message_that_is_there(
    start: Start, topics: Topics, settings: Settings, admin: AdminClient, sql: asyncpg.Connection
) -> None:
    """Whatever a group of this name once committed to Kafka."""
    topics.send(*HISTORY, topic="orders", partition=1)
    truncate(admin, settings.topic("orders"), 1, 5)
    await start()
    await drained(settings)
    assert await stored.difference(sql, rules.history_of(HISTORY[5:], ZONE)) is None
    assert await stored.offsets(sql) == {(settings.topic("orders"), 1): len(HISTORY)}


async def test_kafkas_own_offsets_are_never_read(
    start: Start, topics: Topics, settings: Settings, sql: asyncpg.Connection
) -> None:
    """A database that is empty begins anew, though the group has committed; one restored goes back with it."""
    topics.send(*HISTORY, topic="orders", partition=1)
    first = await start()
    await drained(settings)
    await first.stop()
    await stored.emptied(sql)
    await start()
    await drained(settings)
    assert await stored.difference(sql, rules.history_of(HISTORY, ZONE)) is None


@pytest.mark.parametrize("lost", ["the beginning", "the end"])
async def test_an_offset_out_of_range_stops_it(
    lost: str,
    start: Start,
    topics: Topics,
    settings: Settings,
    admin: AdminClient,
    sql: asyncpg.Connection,
) -> None:
    """Messages that were never recorded are gone by retention; or the broker has lost its tail."""
    topic = settings.topic("orders")
    place = 3 if lost == "the beginning" else 1_000
    [topic_id] = (await topic_ids(settings.kafka or "", [topic])).values()
    await sql.execute("insert into offsets values ($1, 1, $2, $3)", topic, topic_id, place)
    topics.send(*HISTORY, topic="orders", partition=1)
    truncate(admin, topic, 1, 5)
    reason = await crashed(await start())
    assert f"{topic}/1 has no offset {place}" in str(reason)
    assert "offsets" in str(reason), "and what to do"
    assert await sql.fetchval("select count(*) from events") == 0
    assert (await stored.offsets(sql))[topic, 1] == place


@pytest.mark.usefixtures("apache")
async def test_a_topic_made_anew_while_nobody_reads_stops_it(
    start: Start, topics: Topics, settings: Settings, admin: AdminClient, sql: asyncpg.Connection
) -> None:
    """Though its new messages reach beyond the place that was stored."""
    topic = settings.topic("orders")
    topics.send(*HISTORY[:3], topic="orders", partition=1)
    first = await start()
    await drained(settings)
    await first.stop()
    await delete(admin, topic)
    await make_again(settings, topic)
    Topics(settings).send(*HISTORY[3:], topic="orders", partition=1)
    reason = await crashed(await start())
    assert isinstance(reason, TopicMadeAnew)
    assert topic in str(reason)
    assert await stored.offsets(sql) == {(topic, 1): 3}
    # The remedy that it names.
    await sql.execute("delete from offsets where topic = $1", topic)
    await start()
    await drained(settings)
    assert await stored.difference(sql, rules.history_of(HISTORY, ZONE)) is None


@pytest.mark.usefixtures("apache")
async def test_a_topic_made_anew_while_it_is_read_stops_it(
    start: Start,
    topics: Topics,
    settings: Settings,
    admin: AdminClient,
    sql: asyncpg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its client knows topics by name, and would read on in the new one from the place in the old one."""
    monkeypatch.setattr(consumer, "WATCH_SECONDS", 0.3)
    topic = settings.topic("orders")
    topics.send(*HISTORY[:3], topic="orders", partition=1)
    reading = await start()
    await drained(settings)
    await delete(admin, topic)
    await make_again(settings, topic)
    Topics(settings).send(*HISTORY[3:], topic="orders", partition=1)
    assert topic in str(await crashed(reading))
    # Whatever it read until then, the remedy that it names makes it whole.
    await sql.execute("delete from offsets where topic = $1", topic)
    await start()
    await drained(settings)
    assert await stored.difference(sql, rules.history_of(HISTORY, ZONE)) is None


async def test_a_topic_that_is_missing_is_named(start: Start, settings: Settings, admin: AdminClient) -> None:
    await delete(admin, settings.topic("transfers"))
    reason = await crashed(await start())
    assert isinstance(reason, TopicMissing)
    assert settings.topic("transfers") in str(reason)
    assert "tokens migrate" in str(reason)


async def test_one_that_was_idle_when_another_joined_goes_on(
    start: Start, topics: Topics, settings: Settings, sql: asyncpg.Connection
) -> None:
    """Of what it keeps, nothing was ever committed to Kafka, which therefore knows no position of it."""

    async def have_half_each() -> bool:
        assignments = (first.assignment, second.assignment)
        return all(len(each.places) == partitions / 2 and not each.unplaced for each in assignments)

    partitions = len(INPUT_TOPICS) * settings.partitions
    first = await start()
    await until(
        lambda: asyncio.sleep(0, len(first.assignment.places) == partitions), "the first reads all partitions"
    )
    second = await start()
    await until(have_half_each, "each reads half of the partitions")
    topics.send(*HISTORY)
    await drained(settings)
    assert await stored.difference(sql, rules.history_of(HISTORY, ZONE)) is None


async def test_partitions_move_between_consumers_while_they_read(
    start: Start, topics: Topics, settings: Settings, sql: asyncpg.Connection
) -> None:
    """One joins, another leaves, again and again; each event has its one effect."""
    history = [events.order([f"R{number}"], sales_order=f"SO-R{number}") for number in range(3_000)]
    parts = [history[start : start + 300] for start in range(0, len(history), 300)]

    async def publish(part: Iterable[events.Json]) -> None:
        await asyncio.to_thread(topics.send, *part)

    running = [await start()]
    await publish(parts[0])
    for number, part in enumerate(parts[1:], 1):
        publishing = asyncio.create_task(publish(part))
        if number % 3:
            running.append(await start())
        else:
            await running.pop(0).stop()
        await publishing
    await drained(settings, 120)
    assert await stored.difference(sql, rules.history_of(history, ZONE)) is None
    assert await sql.fetchval("select count(*) from events") == len(history)
    assert await sql.fetchval("select sum(messages) from segments") == len(history)
    assert await sql.fetchval("select count(*) from outbox") >= 1
    assert len(await stored.announcements(sql)) == len(history)
