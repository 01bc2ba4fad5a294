"""What other services hear: the announcements on the topic, each once, in the order of its partition."""

import json
import time
from typing import NamedTuple

import asyncpg
from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

from tests.projections.recorder.waiting import until
from tokens.settings import Settings

SECONDS = 60


class Heard(NamedTuple):
    """One change of a token's status."""

    token_serial: str
    sequence: int
    from_status: str | None
    to_status: str | None


async def heard(settings: Settings, sql: asyncpg.Connection) -> list[Heard]:
    """All changes of status that were announced, once the outbox is empty; repeats are left out."""

    async def is_said() -> bool:
        return not await sql.fetchval("select count(*) from outbox")

    await until(is_said, "everything is announced", SECONDS)
    first: dict[str, Heard] = {}
    for value in messages(settings, "token-status"):
        event = json.loads(value)
        data = event["data"]
        serial, _, sequence = event["id"].rpartition("/")
        said = Heard(serial, int(sequence), data["from"], data["to"])
        assert serial == data["token_serial"]
        assert first.setdefault(event["id"], said) == said, "a repeat says the same"
    return list(first.values())


def follow(announcements: list[Heard]) -> dict[str, str]:
    """The status that each token was announced as last; who left the report is left out.

    Fails unless each token's count up from 1, each from where the one before left it.
    """
    reached: dict[str, tuple[int, str | None]] = {}
    for each in announcements:
        before = reached.get(each.token_serial, (0, None))
        assert (each.sequence - 1, each.from_status) == before, f"{each} comes after {before}"
        assert each.from_status != each.to_status
        reached[each.token_serial] = (each.sequence, each.to_status)
    return {serial: status for serial, (_, status) in reached.items() if status is not None}


def messages(settings: Settings, bare_topic: str) -> list[bytes]:
    """All that is on a topic, in the order of each partition."""
    consumer = Consumer(
        {"bootstrap.servers": settings.kafka, "group.id": "listeners", "enable.auto.commit": False}
    )
    topic = settings.topic(bare_topic)
    places = [TopicPartition(topic, number, OFFSET_BEGINNING) for number in range(settings.partitions)]
    left = {each.partition: consumer.get_watermark_offsets(each, timeout=SECONDS)[1] for each in places}
    left = {partition: end for partition, end in left.items() if end}
    consumer.assign([each for each in places if each.partition in left])
    values: list[bytes] = []
    deadline = time.monotonic() + SECONDS
    while left:
        assert time.monotonic() < deadline, f"not heard to the end of {topic} within {SECONDS} s"
        for message in consumer.consume(5_000, timeout=0.2):
            assert message.error() is None
            value, partition, offset = message.value(), message.partition(), message.offset()
            assert value is not None
            assert partition is not None
            assert offset is not None
            values.append(value)
            if offset + 1 >= left.get(partition, 0):
                left.pop(partition, None)
    consumer.close()
    return values
