"""What the benchmark asks of the broker, waiting out the moments in which a broker cannot say."""

import time
from collections.abc import Callable, Iterable
from typing import TypeVar

from confluent_kafka import (
    ConsumerGroupTopicPartitions,
    KafkaError,
    KafkaException,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient, OffsetSpec

_ANSWER_SECONDS = 10
_PATIENCE_SECONDS = 60
_PAUSE_SECONDS = 0.2
_Answer = TypeVar("_Answer")


def messages_held(admin: AdminClient, topics: Iterable[str], partitions: int) -> int:
    """How many messages lie in these topics. Raises KafkaException."""
    wanted = {
        TopicPartition(topic, partition): OffsetSpec.latest()
        for topic in topics
        for partition in range(partitions)
    }
    return _patiently(
        lambda: sum(int(each.result(_ANSWER_SECONDS).offset) for each in admin.list_offsets(wanted).values())
    )


def delete_topics(admin: AdminClient, topics: Iterable[str]) -> None:
    """Delete them, and return once nobody can see them any more. Raises KafkaException."""
    names = set(topics)
    if not names:
        return
    for deleted in admin.delete_topics(list(names)).values():
        deleted.result(_ANSWER_SECONDS)
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while names & set(admin.list_topics(timeout=_ANSWER_SECONDS).topics) and time.monotonic() < deadline:
        time.sleep(_PAUSE_SECONDS)


def forget_group(admin: AdminClient, group: str) -> None:
    """Delete a consumer group and what it committed; one that never was is fine. Raises KafkaException."""

    def forget() -> None:
        try:
            admin.delete_consumer_groups([group])[group].result(_ANSWER_SECONDS)
        except KafkaException as error:
            if error.args[0].code() != KafkaError.GROUP_ID_NOT_FOUND:
                raise

    _patiently(forget)


def messages_committed(admin: AdminClient, group: str, among: Callable[[str], bool] = bool) -> int:
    """How many messages a group has committed, of topics that begin at offset 0. Raises KafkaException."""
    request = [ConsumerGroupTopicPartitions(group)]
    committed = admin.list_consumer_group_offsets(request)[group].result(_ANSWER_SECONDS)
    return sum(max(int(each.offset), 0) for each in committed.topic_partitions if among(each.topic))


def _patiently(ask: Callable[[], _Answer]) -> _Answer:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            return ask()
        except KafkaException:  # it starts, elects a leader, or still holds the dead members of a group
            if time.monotonic() > deadline:
                raise
            time.sleep(_PAUSE_SECONDS)
