"""Puts messages on topics, by librdkafka's idempotent producer.

Not aiokafka's: its idempotent producer never gives a message up, so that one sent while the broker is away
could arrive long after it was said not to be; and it takes no message without key and value.
"""

import asyncio
import logging
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from confluent_kafka import KafkaError, KafkaException, Message, Producer
from confluent_kafka.admin import AdminClient

from projections.publishing.message import MessagePlace, NotPublished, Outgoing
from schemas.sending import SENDING

BROKER_SECONDS = 5
GIVE_UP_SECONDS = 20
LARGEST_MESSAGE_BYTES = 16_777_216
# Broker and client take some ms for a message; where a broker is away, nobody need look so often.
_PAUSE_SECONDS = 0.002
_LONG_PAUSE_SECONDS = 0.05
_LIBRDKAFKA = logging.getLogger("tokens.publishing.librdkafka")
_OF_THE_MESSAGE = (KafkaError.MSG_SIZE_TOO_LARGE, KafkaError.INVALID_MSG_SIZE, KafkaError.INVALID_MSG)


@dataclass(frozen=True, slots=True)
class NotTaken:
    """Why nobody can say where a message lies. `others_may` is false where none would get through now.

    One that was not acknowledged in time may be there all the same.
    """

    sentence: str
    others_may: bool


Outcome = MessagePlace | NotTaken


class Publisher(Protocol):
    """Where messages go."""

    async def publish(self, messages: Sequence[Outgoing]) -> list[Outcome]:
        """Publish; what became of each, in order. Raises `NotPublished` where nothing was sent at all."""


class KafkaPublisher:
    """The broker at `bootstrap_servers`, for any number of publications at once.

    The first message makes the connection; `close` ends it. What is published together keeps its order in each
    partition.
    """

    def __init__(self, bootstrap_servers: str) -> None:
        self._bootstrap_servers = bootstrap_servers
        self._producer: Producer | None = None
        # Of its own: the producer has one request under way, and who asks would wait for it.
        self._admin: AdminClient | None = None
        self._asking: asyncio.Task[Collection[str]] | None = None

    async def publish(self, messages: Sequence[Outgoing]) -> list[Outcome]:
        """As `Publisher` says; 30 s at most."""
        # Asked each time: a broker may make a topic that it lacks, with settings of its own.
        present = await self._topics()
        producer = self._connected()
        outcomes: list[Outcome | None] = [None] * len(messages)
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
                    on_delivery=partial(self._note, producer, outcomes, number),
                )
            except KafkaException as error:
                outcomes[number] = _not_taken(error.args[0])
            except BufferError:
                outcomes[number] = NotTaken("too many messages are on their way already", others_may=False)
        began = time.monotonic()
        while None in outcomes and (waited := time.monotonic() - began) < GIVE_UP_SECONDS + BROKER_SECONDS:
            producer.poll(0)
            await asyncio.sleep(_PAUSE_SECONDS if waited < 1 else _LONG_PAUSE_SECONDS)
        late = NotTaken(f"Kafka did not acknowledge it within {GIVE_UP_SECONDS} s", others_may=False)
        return [outcome or late for outcome in outcomes]

    async def close(self) -> None:
        """Let go of the broker. Safe to call again, and where nothing was published."""
        producer, self._producer, self._admin = self._producer, None, None
        if producer is not None:
            producer.purge()
            await asyncio.to_thread(producer.flush, 1)

    async def _topics(self) -> Collection[str]:
        """The topics that there are; those who ask at once are told at once."""
        self._admin = self._admin or AdminClient(
            {"bootstrap.servers": self._bootstrap_servers, "log_level": 0}, logger=_LIBRDKAFKA
        )
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(asyncio.to_thread(_topics_of, self._admin))
        try:
            return await asyncio.shield(self._asking)
        except KafkaException as error:
            raise NotPublished(
                f"Kafka at {self._bootstrap_servers} does not answer: {error.args[0].str()}"
            ) from error

    def _note(
        self,
        producer: Producer,
        outcomes: list[Outcome | None],
        number: int,
        error: KafkaError | None,
        message: Message | None,
    ) -> None:
        """Called by librdkafka in whoever polls: those who publish do, in the loop that they share."""
        if error is not None:
            outcomes[number] = _not_taken(error)
            if error.fatal() and self._producer is producer:
                self._producer = None
        elif message is not None:
            topic, partition, offset = message.topic(), message.partition(), message.offset()
            assert topic is not None
            assert partition is not None
            # Sent again, since the first acknowledgement was lost, a message may be known to a broker as one that it
            # has, and no more.
            if offset is None:
                outcomes[number] = NotTaken("Kafka has it, but does not say where", others_may=True)
            else:
                outcomes[number] = MessagePlace(topic, partition, offset)

    def _connected(self) -> Producer:
        if self._producer is None:
            self._producer = self._new_producer()
        return self._producer

    def _new_producer(self) -> Producer:
        return Producer(
            {
                "bootstrap.servers": self._bootstrap_servers,
                **SENDING,
                "compression.type": "lz4",
                "linger.ms": 5,
                "message.max.bytes": LARGEST_MESSAGE_BYTES,
                "message.timeout.ms": GIVE_UP_SECONDS * 1000,
                "log_level": 0,
            },
            logger=_LIBRDKAFKA,
        )


def _topics_of(admin: AdminClient) -> Collection[str]:
    present: Collection[str] = admin.list_topics(timeout=BROKER_SECONDS).topics.keys()
    return present


def _not_taken(error: KafkaError) -> NotTaken:
    return NotTaken(f"Kafka did not take it: {error.str()}", others_may=error.code() in _OF_THE_MESSAGE)
