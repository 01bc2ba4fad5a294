"""What the input topics hold: the first and the next offset of each partition."""

import time
from typing import NamedTuple

from confluent_kafka import IsolationLevel, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from schemas.topics import INPUT_TOPICS
from tokens.failure import Failure
from tokens.kafka_topics import admin_client
from tokens.servers import kafka_of
from tokens.settings import Settings

_BROKER_SECONDS = 30
_LEADER_SECONDS = 30.0
_PAUSE_SECONDS = 0.2
_LEADERLESS = (
    KafkaError.NOT_LEADER_FOR_PARTITION,
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError.UNKNOWN_TOPIC_OR_PART,
)


class Place(NamedTuple):
    """A partition of a topic, named as on the broker."""

    topic: str
    partition: int


class Range(NamedTuple):
    """The offsets of a partition: from `begin` up to, and without, `end`."""

    begin: int
    end: int


def input_ranges(settings: Settings) -> dict[Place, Range]:
    """The range of each partition of the input topics, now. Raises Failure where Kafka or a topic is away."""
    bootstrap = kafka_of(settings)
    topics = [settings.topic(name) for name in INPUT_TOPICS]
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
    """Partitions that are led anew, or were made a moment ago, are asked for until they have their leader."""
    deadline = time.monotonic() + _LEADER_SECONDS
    while True:
        try:
            return _offsets_now(admin, places, which)
        except KafkaException as error:
            if error.args[0].code() not in _LEADERLESS or time.monotonic() > deadline:
                raise
        time.sleep(_PAUSE_SECONDS)


def _offsets_now(admin: AdminClient, places: list[Place], which: OffsetSpec) -> dict[Place, int]:
    # Committed messages alone, as the workers read: nobody waits for a transaction that may never end.
    answers = admin.list_offsets(
        {TopicPartition(*place): which for place in places},
        isolation_level=IsolationLevel.READ_COMMITTED,
        request_timeout=_BROKER_SECONDS,
    )
    return {Place(asked.topic, asked.partition): answer.result().offset for asked, answer in answers.items()}
