"""The second pass: lines to Kafka, each once and in order, by librdkafka's idempotent producer.

aiokafka's takes 20,000 messages a second from Python, this one 200,000.
"""

import logging
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from schemas.sending import SENDING
from tokens.embedded.broker import LARGEST_MESSAGE_BYTES
from tokens.failure import Failure
from tokens.kafka_topics import admin_client

_HEADERS: list[tuple[str, str | bytes | None]] = [("content-type", b"application/cloudevents+json")]
_BROKER_SECONDS = 10
_GIVE_UP_SECONDS = 60
_IN_FLIGHT_KILOBYTES = 65_536
_LOOKED_AFTER_EVERY = 1000


class LineProducer:
    """Sends lines to topics. Raises Failure when the broker refuses one or has gone.

    Use it in a `with` statement: leaving it waits until the broker has everything. `acknowledged` counts what
    the broker has; `on_acknowledged` hears of progress.
    """

    def __init__(self, bootstrap: str, *, on_acknowledged: Callable[[int], None]) -> None:
        self._on_acknowledged = on_acknowledged
        self._sent = 0
        self._refused: str | None = None
        # One object for all messages: one each makes the garbage collector as dear as the sending.
        self._on_delivery = self._note_refusal
        self._bootstrap = bootstrap
        self._producer = Producer(
            {
                "bootstrap.servers": bootstrap,
                **SENDING,
                "compression.type": "lz4",
                "linger.ms": 20,
                "batch.size": 1_048_576,
                "message.max.bytes": LARGEST_MESSAGE_BYTES,
                "queue.buffering.max.kbytes": _IN_FLIGHT_KILOBYTES,
                "message.timeout.ms": _GIVE_UP_SECONDS * 1000,
                "delivery.report.only.error": True,
                "log_level": 0,
            },
            logger=logging.getLogger("tokens.publish.librdkafka"),
        )

    @property
    def acknowledged(self) -> int:
        """How many messages the broker has, once the `with` statement is left."""
        return self._sent

    def require_topics(self, topics: Sequence[str]) -> None:
        """Raise Failure where the broker does not answer, or lacks one of the topics."""
        try:
            present = admin_client(self._bootstrap).list_topics(timeout=_BROKER_SECONDS).topics
        except KafkaException as error:
            raise Failure(f"Kafka at {self._bootstrap} does not answer: {error.args[0].str()}") from error
        missing = [topic for topic in topics if topic not in present]
        if missing:
            raise Failure(
                f"Kafka at {self._bootstrap} has no topic {', '.join(missing)}: run `tokens migrate`"
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            while self._producer.flush(0.2):
                self._report()
            self._report()
        else:
            self._producer.purge()

    def send(self, topic: str, key: bytes | None, value: bytes) -> None:
        """Hand over one message; it is sent soon, or when the `with` statement is left."""
        while True:
            try:
                self._producer.produce(topic, value, key, headers=_HEADERS, on_delivery=self._on_delivery)
            except BufferError:  # as much is under way as memory is meant to hold
                self._producer.poll(0.1)
                self._report()
            except KafkaException as error:
                raise Failure(_refusal(topic, key, error.args[0])) from error
            else:
                break
        self._sent += 1
        if self._sent % _LOOKED_AFTER_EVERY == 0:
            self._producer.poll(0)
            self._report()

    def _note_refusal(self, error: KafkaError | None, message: Message) -> None:
        if error is not None and self._refused is None:
            self._refused = _refusal(message.topic(), message.key(), error)

    def _report(self) -> None:
        if self._refused is not None:
            raise Failure(f"{self._refused}; what was sent before it may be there already")
        self._on_acknowledged(self._sent - len(self._producer))


def _refusal(topic: str | None, key: bytes | None, error: KafkaError) -> str:
    which = f"the event with key {key.decode()}" if key else "a line"
    return f"Kafka did not take {which} for topic {topic}: {error.str()}"
