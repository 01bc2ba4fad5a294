"""The announcer: says what the outbox holds, in order, and takes out what the broker has acknowledged.

One process at a time leads. Killed anywhere, it or the next one says the same again, under the same ids; a token's
changes keep their order, since its entries were made under its lock and are sent in their order.
"""

import asyncio
import logging
from typing import Any

import structlog
from confluent_kafka import KafkaError, KafkaException, Message, Producer
from mode import Service

from lifecycle import metrics
from lifecycle.announcing import Entry, Outbox, messages
from lifecycle.recording import Unavailable
from schemas.sending import SENDING

logger = structlog.get_logger()

PAUSE_SECONDS = 0.25
BACKOFF_SECONDS = (0.5, 5.0)
DELIVERY_SECONDS = 30
ANNOUNCEMENTS_BETWEEN_YIELDS = 500
HEADERS: list[tuple[str, str | bytes | None]] = [("content-type", b"application/cloudevents+json")]


class NotDelivered(Exception):
    """The broker did not take an announcement; what was sent beside it may have arrived."""


class Announcer(Service):
    """Drives the clock and empties the outbox, for as long as this process leads."""

    def __init__(self, bootstrap_servers: str, topic_prefix: str, outbox: Outbox) -> None:
        super().__init__()
        self._bootstrap_servers = bootstrap_servers
        self._topic_prefix = topic_prefix
        self._outbox = outbox
        self._producer: Any = None

    async def on_start(self) -> None:
        """Begin; nothing that is away keeps the worker from starting."""
        self.add_future(self._run())

    async def on_stop(self) -> None:
        """Give up the lead."""
        self._drop_producer()
        await self._outbox.close()

    async def _run(self) -> None:
        pause, longest = BACKOFF_SECONDS
        while not self.should_stop:
            try:
                said = await self._say() if await self._outbox.lead() else 0
            except (Unavailable, NotDelivered, KafkaException) as error:
                logger.warning("announcements wait", reason=str(error) or type(error).__name__)
                self._drop_producer()
                await self.sleep(pause)
                pause = min(pause * 2, longest)
                continue
            pause = BACKOFF_SECONDS[0]
            if not said:
                await self.sleep(PAUSE_SECONDS)

    async def _say(self) -> int:
        looked_at = await self._outbox.tick()
        entries = await self._outbox.pending()
        if entries:
            await self._publish(entries)
            await self._outbox.delete(entries)
        return looked_at + len(entries)

    async def _publish(self, entries: list[Entry]) -> None:
        """Send entries in their order; raises where the broker has not all of it in time."""
        if self._producer is None:
            self._producer = _producer(self._bootstrap_servers)
        refused: list[KafkaError] = []

        def note(error: KafkaError | None, _: Message) -> None:
            if error is not None:
                refused.append(error)

        count = 0
        for entry in entries:
            for topic, key, value in messages(entry.packed, entry.recorded_at):
                self._send(topic, key, value, note)
                count += 1
                if count % ANNOUNCEMENTS_BETWEEN_YIELDS == 0:
                    self._producer.poll(0)
                    await asyncio.sleep(0)
        waiting = await asyncio.to_thread(self._producer.flush, DELIVERY_SECONDS)
        if refused:
            raise NotDelivered(refused[0].str())
        if waiting:
            raise NotDelivered(f"the broker has not acknowledged {waiting} announcements")
        metrics.ANNOUNCED.inc(count)

    def _send(self, topic: str, key: bytes, value: bytes, note: Any) -> None:
        while True:
            try:
                self._producer.produce(
                    self._topic_prefix + topic, value, key, headers=HEADERS, on_delivery=note
                )
            except BufferError:  # as much is under way as memory is meant to hold
                self._producer.poll(0.1)
            else:
                return

    def _drop_producer(self) -> None:
        """Let go of a producer with all that it still holds: the next one begins again, in order."""
        producer, self._producer = self._producer, None
        if producer is not None:
            producer.purge()


def _producer(bootstrap_servers: str) -> Producer:
    # librdkafka's: aiokafka's idempotent producer spends ten times as much of the worker's one core.
    return Producer(
        {
            "bootstrap.servers": bootstrap_servers,
            **SENDING,
            # Whoever waits has it sent at once (`flush`); until then, requests are few and large.
            "linger.ms": 100,
            "message.timeout.ms": DELIVERY_SECONDS * 1_000,
            "queue.buffering.max.kbytes": 32_768,
            "delivery.report.only.error": True,
            "log_level": 0,
        },
        logger=logging.getLogger("tokens.announcer.librdkafka"),
    )
