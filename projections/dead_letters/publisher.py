"""Puts messages back on their topics, by librdkafka's idempotent producer.

Not aiokafka's: its idempotent producer never gives a message up, so that one sent while the broker is away
could arrive long after its letter was said not to be requeued; and it takes no message without key and value.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from projections.dead_letters.letter import MessagePlace
from projections.dead_letters.message import Outgoing
from projections.dead_letters.refusals import NotPublished

BROKER_SECONDS = 5
GIVE_UP_SECONDS = 20
LARGEST_MESSAGE_BYTES = 16_777_216
_OF_THE_MESSAGE = (KafkaError.MSG_SIZE_TOO_LARGE, KafkaError.INVALID_MSG_SIZE, KafkaError.INVALID_MSG)


@dataclass(frozen=True, slots=True)
class NotTaken:
    """Why the broker did not acknowledge a message. `others_may` is false where none would get through now."""

    sentence: str
    others_may: bool


Outcome = MessagePlace | NotTaken


class Publisher(Protocol):
    """Where requeued messages go."""

    async def publish(self, messages: Sequence[Outgoing]) -> list[Outcome]:
        """Publish; what became of each, in order. Raises `NotPublished` where nothing was sent at all."""


class KafkaPublisher:
    """The broker at `bootstrap_servers`. The first message makes the connection; `close` ends it."""

    def __init__(self, bootstrap_servers: str) -> None:
        self._bootstrap_servers = bootstrap_servers
        self._producer: Producer | None = None
        self._one_at_a_time = asyncio.Lock()

    async def publish(self, messages: Sequence[Outgoing]) -> list[Outcome]:
        """As `Publisher` says; 25 s at most."""
        async with self._one_at_a_time:
            return await asyncio.to_thread(self._publish, messages)

    async def close(self) -> None:
        """Let go of the broker. Safe to call again, and where nothing was published."""
        producer, self._producer = self._producer, None
        if producer is not None:
            producer.purge()
            await asyncio.to_thread(producer.flush, 1)

    def _publish(self, messages: Sequence[Outgoing]) -> list[Outcome]:
        producer = self._producer or self._connected()
        self._producer = producer
        try:
            # Asked first: a broker may make a topic that it lacks, with settings of its own.
            present = producer.list_topics(timeout=BROKER_SECONDS).topics
        except KafkaException as error:
            raise NotPublished(
                f"Kafka at {self._bootstrap_servers} does not answer: {error.args[0].str()}"
            ) from error
        outcomes: list[Outcome] = [
            NotTaken(f"Kafka did not acknowledge it within {GIVE_UP_SECONDS} s", others_may=False)
            for _ in messages
        ]
        for number, message in enumerate(messages):
            if message.topic not in present:
                outcomes[number] = NotTaken(f"Kafka has no topic {message.topic}", others_may=True)
                continue
            try:
                producer.produce(
                    message.topic,
                    message.value,
                    message.key,
                    headers=list(message.headers),
                    on_delivery=partial(self._note, outcomes, number),
                )
            except KafkaException as error:
                self._note(outcomes, number, error.args[0], None)
        producer.flush(GIVE_UP_SECONDS + BROKER_SECONDS)
        return outcomes

    def _note(
        self, outcomes: list[Outcome], number: int, error: KafkaError | None, message: Message | None
    ) -> None:
        if error is not None:
            others_may = error.code() in _OF_THE_MESSAGE
            outcomes[number] = NotTaken(f"Kafka did not take it: {error.str()}", others_may)
            if error.fatal():
                self._producer = None
        elif message is not None:
            topic, partition, offset = message.topic(), message.partition(), message.offset()
            assert topic is not None
            assert partition is not None
            assert offset is not None
            outcomes[number] = MessagePlace(topic, partition, offset)

    def _connected(self) -> Producer:
        return Producer(
            {
                "bootstrap.servers": self._bootstrap_servers,
                "enable.idempotence": True,
                "acks": "all",
                "partitioner": "murmur2_random",
                "compression.type": "lz4",
                "linger.ms": 5,
                "message.max.bytes": LARGEST_MESSAGE_BYTES,
                "message.timeout.ms": GIVE_UP_SECONDS * 1000,
                "log_level": 0,
            },
            logger=logging.getLogger("tokens.dead_letters.librdkafka"),
        )
