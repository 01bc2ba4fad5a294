"""Waits until the workers have recorded everything that lay in the topics at the start of the wait."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import asyncpg
from confluent_kafka import IsolationLevel, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from schemas.topics import INPUT_TOPICS
from tokens.database import connected
from tokens.failure import Failure
from tokens.kafka_topics import admin_client
from tokens.servers import database_of, kafka_of
from tokens.settings import Settings

_BROKER_SECONDS = 30
_POLL_SECONDS = 0.1


def _unheard(done: int, total: int) -> None:
    """For a wait that nobody watches."""


class Place(NamedTuple):
    """A partition of a topic, named as on the broker."""

    topic: str
    partition: int


class Range(NamedTuple):
    """The offsets that a partition had when the wait began: from `begin` up to, and without, `end`."""

    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class Drained:
    """What was waited for. `waited` is how many messages were not yet recorded at the start."""

    messages: int
    waited: int
    partitions: int


async def drain(
    settings: Settings,
    *,
    timeout_seconds: float,
    on_progress: Callable[[int, int], None] = _unheard,
) -> Drained:
    """Return when the stored offsets have reached the ends that all input topics have now.

    `on_progress` hears how many of the waited-for messages are recorded, of how many. Dead letters count as
    recorded. Raises Failure when the time is over, with the partitions behind, or where a server is away.
    """
    deadline = time.monotonic() + timeout_seconds
    ranges = await asyncio.to_thread(
        _ranges, kafka_of(settings), [settings.topic(name) for name in INPUT_TOPICS]
    )
    waited: int | None = None
    stored: dict[Place, int] = {}
    while True:
        try:
            stored = await _stored_offsets(database_of(settings))
        except Failure:  # Postgres may come back before the time is over
            if time.monotonic() > deadline:
                raise
        behind = _behind(ranges, stored)
        left = sum(behind.values())
        waited = left if waited is None else waited
        on_progress(waited - left, waited)
        if not behind:
            return Drained(sum(end - begin for begin, end in ranges.values()), waited, len(ranges))
        if time.monotonic() > deadline:
            raise Failure(_timed_out(timeout_seconds, ranges, stored, behind))
        await asyncio.sleep(_POLL_SECONDS)


def _ranges(bootstrap: str, topics: list[str]) -> dict[Place, Range]:
    admin = admin_client(bootstrap)
    try:
        present = admin.list_topics(timeout=_BROKER_SECONDS).topics
        missing = [topic for topic in topics if topic not in present]
        if missing:
            raise Failure(f"Kafka at {bootstrap} has no topic {', '.join(missing)}: run `tokens migrate`")
        places = [Place(topic, partition) for topic in topics for partition in present[topic].partitions]
        begins = _offsets(admin, places, OffsetSpec.earliest())
        ends = _offsets(admin, places, OffsetSpec.latest())
    except KafkaException as error:
        raise Failure(f"Kafka at {bootstrap} does not answer: {error.args[0].str()}") from error
    return {place: Range(begins[place], ends[place]) for place in places}


def _offsets(admin: AdminClient, places: list[Place], which: OffsetSpec) -> dict[Place, int]:
    # Committed messages alone, as the workers read: nobody waits for a transaction that may never end.
    answers = admin.list_offsets(
        {TopicPartition(*place): which for place in places},
        isolation_level=IsolationLevel.READ_COMMITTED,
        request_timeout=_BROKER_SECONDS,
    )
    return {Place(asked.topic, asked.partition): answer.result().offset for asked, answer in answers.items()}


async def _stored_offsets(database_url: str) -> dict[Place, int]:
    async with connected(database_url) as connection:
        try:
            rows = await connection.fetch("select topic, partition, next_offset from offsets")
        except asyncpg.UndefinedTableError as error:
            raise Failure("the database has no tables yet: run `tokens migrate`") from error
    return {Place(row["topic"], row["partition"]): row["next_offset"] for row in rows}


def _behind(ranges: Mapping[Place, Range], stored: Mapping[Place, int]) -> dict[Place, int]:
    """How many messages are not recorded, of the partitions that have such."""
    left = {place: end - max(stored.get(place, begin), begin) for place, (begin, end) in ranges.items()}
    return {place: count for place, count in left.items() if count > 0}


def _timed_out(
    timeout_seconds: float,
    ranges: Mapping[Place, Range],
    stored: Mapping[Place, int],
    behind: Mapping[Place, int],
) -> str:
    places = ", ".join(
        f"{place.topic}/{place.partition} at {stored.get(place, ranges[place].begin)} of {ranges[place].end}"
        for place in sorted(behind)
    )
    return f"not drained after {timeout_seconds:g} s, {sum(behind.values()):,} messages behind: {places}"
