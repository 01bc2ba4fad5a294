"""The status topic on a real broker: who replays it ends with the report's statuses."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import orjson
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from lifecycle.announcer import Announcer
from lifecycle.calendar import Calendar
from projections.outbox import PostgresOutbox
from projections.recorder import PostgresRecorder
from tests.events import Json
from tests.projections.recorder.log import Log
from tests.projections.recorder.waiting import until
from tests.reference.histories import ZONE, random_history
from tokens import clock
from tokens.settings import Settings

HISTORIES = 12


@pytest.fixture
async def recorder(settings: Settings) -> AsyncIterator[PostgresRecorder]:
    """A recorder, and with it the outbox's entries."""
    assert settings.database_url is not None
    recorder = PostgresRecorder(settings.database_url, Calendar(ZONE), clock.now)
    await recorder.open()
    yield recorder
    await recorder.close()


def announcer(settings: Settings) -> Announcer:
    """The announcer of one worker."""
    assert settings.kafka is not None
    assert settings.database_url is not None
    outbox = PostgresOutbox(settings.database_url, Calendar(ZONE), clock.now)
    return Announcer(settings.kafka, settings.topic_prefix, outbox)


async def said(settings: Settings) -> list[tuple[TopicPartition, Json]]:
    """Everything on the status topic, in the order of each partition."""
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.kafka, isolation_level="read_committed")
    await consumer.start()
    try:
        partitions = [TopicPartition(settings.topic("token-status"), each) for each in range(4)]
        consumer.assign(partitions)
        await consumer.seek_to_beginning()
        ends = await consumer.end_offsets(partitions)
        found: list[tuple[TopicPartition, Json]] = []
        while any([await consumer.position(each) < ends[each] for each in partitions]):
            for partition, records in (await consumer.getmany(timeout_ms=500)).items():
                found.extend((partition, orjson.loads(record.value)) for record in records)
        return found
    finally:
        await consumer.stop()


def replayed(events: list[Json]) -> dict[str, str]:
    """The statuses that a consumer ends with: of each token the last in its sequence, repeats left out."""
    sequences: dict[str, int] = {}
    statuses: dict[str, str] = {}
    for event in events:
        serial, _, sequence = event["id"].rpartition("/")
        if int(sequence) <= sequences.get(serial, 0):
            continue
        assert int(sequence) == sequences.get(serial, 0) + 1, f"{event['id']} comes before what it follows"
        assert event["data"]["from"] == statuses.get(serial), event["id"]
        sequences[serial] = int(sequence)
        statuses.pop(serial, None)
        if event["data"]["to"] is not None:
            statuses[serial] = event["data"]["to"]
    return statuses


async def record_histories(recorder: PostgresRecorder, seeds: range) -> None:
    """Random histories, each token's serial made its own, a few events a batch."""
    log = Log()
    await log.begin(recorder)
    for seed in seeds:
        history = orjson.loads(
            orjson.dumps(random_history(seed))
            .replace(b'"T', f'"{seed}-T'.encode())
            .replace(b'"id":"', f'"id":"{seed}-'.encode())
            .replace(b'"event_id":"', f'"event_id":"{seed}-'.encode())
        )
        for start in range(0, len(history), 5):
            await recorder.record(log.batch(*history[start : start + 5]))


async def emptied(settings: Settings) -> None:
    """Wait until the outbox is empty and nothing is due."""
    connection = await asyncpg.connect(settings.database_url)

    async def is_empty() -> bool:
        return not await connection.fetchval(
            "select exists (select from outbox) or exists (select from tokens where due_at <= now())"
        )

    try:
        await until(is_empty, "everything is said")
    finally:
        await connection.close()


async def report(settings: Settings) -> dict[str, str]:
    """The report's statuses now."""
    connection = await asyncpg.connect(settings.database_url)
    try:
        rows = await connection.fetch("select token_serial, status from service_tokens")
    finally:
        await connection.close()
    return {row["token_serial"]: row["status"] for row in rows}


async def test_who_replays_the_topic_ends_with_the_statuses_of_the_report(
    settings: Settings, recorder: PostgresRecorder
) -> None:
    first, second = announcer(settings), announcer(settings)
    await asyncio.gather(first.start(), second.start())
    await record_histories(recorder, range(HISTORIES))
    await emptied(settings)
    await asyncio.gather(first.stop(), second.stop())
    events = [event for _, event in await said(settings)]
    assert len({event["id"] for event in events}) == len(events), "one leads, and says everything once"
    statuses = await report(settings)
    assert len(statuses) > HISTORIES
    assert replayed(events) == statuses


async def test_what_was_sent_and_not_taken_out_is_said_again_under_the_same_ids(
    settings: Settings, recorder: PostgresRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    await record_histories(recorder, range(HISTORIES))

    async def killed(*_: object) -> None:
        raise SystemExit

    dying = announcer(settings)
    with monkeypatch.context() as patch:
        patch.setattr(PostgresOutbox, "delete", killed)
        assert await dying._outbox.lead()
        with pytest.raises(SystemExit):
            await dying._say()
    await dying._outbox.close()
    again = announcer(settings)
    await again.start()
    await emptied(settings)
    await again.stop()
    events = [event for _, event in await said(settings)]
    assert len({event["id"] for event in events}) < len(events)
    statuses = await report(settings)
    assert len(statuses) > HISTORIES
    assert replayed(events) == statuses
