"""Puts messages on the test's own topics, as ERPs, portals and stations do, and as they should not."""

from collections.abc import Sequence
from typing import Any

from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from schemas.envelope import Event, parse
from schemas.sending import SENDING
from schemas.topics import EVENT_TYPES, INPUT_TOPICS
from tests.events import Json, encoded
from tokens.embedded.broker import LARGEST_MESSAGE_BYTES
from tokens.settings import Settings

Headers = Sequence[tuple[str, bytes]]
STRUCTURED: Headers = (("content-type", b"application/cloudevents+json"),)
SECONDS = 30


class Topics:
    """The input topics of one test. Everything sent is acknowledged when a method returns."""

    def __init__(self, settings: Settings, **options: Any) -> None:
        self._settings = settings
        self._producer = Producer(
            {
                "bootstrap.servers": settings.kafka,
                "message.max.bytes": LARGEST_MESSAGE_BYTES,
                "linger.ms": 5,
                **SENDING,
                "log_level": 0,
                **options,
            }
        )

    def send(
        self,
        *given: Json | bytes | None,
        topic: str | None = None,
        partition: int = -1,
        headers: Headers = STRUCTURED,
    ) -> None:
        """Send events, or bytes as they are, each to the topic of its type under its key, or as is said."""
        self.send_unacknowledged(*given, topic=topic, partition=partition, headers=headers)
        self.flush()

    def send_unacknowledged(
        self,
        *given: Json | bytes | None,
        topic: str | None = None,
        partition: int = -1,
        headers: Headers = STRUCTURED,
    ) -> None:
        """The same without waiting for the broker."""
        for each in given:
            value = encoded(each) if isinstance(each, dict) else each
            event = parse(value, headers)
            key, to = None, topic or "orders"
            if isinstance(event, Event):
                key = EVENT_TYPES[event.type].key(event.data)
                to = topic or EVENT_TYPES[event.type].topic
            while True:
                try:
                    self._producer.produce(
                        self._settings.topic(to),
                        value=value,
                        key=key,
                        partition=partition,
                        headers=list(headers),
                        on_delivery=_acknowledged,
                    )
                    break
                except BufferError:  # its queue is full
                    self._producer.poll(1)
            self._producer.poll(0)

    def flush(self) -> None:
        """Wait until the broker has everything."""
        assert self._producer.flush(SECONDS) == 0, "the broker did not acknowledge in time"

    def begin_transactions(self) -> None:
        """Become a transactional producer (made with `transactional.id`)."""
        self._producer.init_transactions(SECONDS)

    def transaction(self, *given: Json | bytes, abort: bool = False, **where: Any) -> None:
        """Send all in one transaction, committed or aborted."""
        self._producer.begin_transaction()
        self.send(*given, **where)
        if abort:
            self._producer.abort_transaction(SECONDS)
        else:
            self._producer.commit_transaction(SECONDS)

    def ends(self) -> dict[tuple[str, int], int]:
        """The end of each partition, by bare topic, those that are empty left out."""
        assert self._settings.kafka is not None
        admin = AdminClient({"bootstrap.servers": self._settings.kafka, "log_level": 0})
        asked = {
            TopicPartition(self._settings.topic(topic), number): OffsetSpec.latest()
            for topic in INPUT_TOPICS
            for number in range(self._settings.partitions)
        }
        ends = {
            (place.topic.removeprefix(self._settings.topic_prefix), place.partition): answer.result().offset
            for place, answer in admin.list_offsets(asked, request_timeout=SECONDS).items()
        }
        return {place: end for place, end in ends.items() if end}


def _acknowledged(error: Any, _: Any) -> None:
    assert error is None, str(error)
