"""The announcer: says what the outbox holds, in order, and takes out what the broker has acknowledged.

One process at a time leads. Killed anywhere, it or the next one says the same again, under the same ids; a token's
changes keep their order, since its entries were made under its lock and are sent in their order.
"""

import asyncio
from typing import Any

import orjson
import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from mode import Service

from lifecycle import metrics
from lifecycle.announcing import Entry, Outbox, cloud_event
from lifecycle.recording import Unavailable

logger = structlog.get_logger()

PAUSE_SECONDS = 0.25
BACKOFF_SECONDS = (0.5, 5.0)
HEADERS = [("content-type", b"application/cloudevents+json")]


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
        await self._drop_producer()
        await self._outbox.close()

    async def _run(self) -> None:
        pause, longest = BACKOFF_SECONDS
        while not self.should_stop:
            try:
                said = await self._say() if await self._outbox.lead() else 0
            except (Unavailable, KafkaError, ConnectionError) as error:
                logger.warning("announcements wait", reason=str(error) or type(error).__name__)
                # A producer that failed may still hold messages of later entries: a new one begins in order.
                await self._drop_producer()
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
        if self._producer is None:
            producer = AIOKafkaProducer(
                bootstrap_servers=self._bootstrap_servers, enable_idempotence=True, linger_ms=5
            )
            try:
                await producer.start()
            except BaseException:
                await producer.stop()
                raise
            self._producer = producer
        for entry in entries:
            futures = []
            for announcement in entry.announcements:
                topic, event = cloud_event(announcement, entry.recorded_at)
                futures.append(
                    await self._producer.send(
                        self._topic_prefix + topic,
                        orjson.dumps(event),
                        key=announcement.token_serial.encode(),
                        headers=HEADERS,
                    )
                )
            await asyncio.gather(*futures)
            metrics.ANNOUNCED.inc(len(futures))

    async def _drop_producer(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            await producer.stop()
