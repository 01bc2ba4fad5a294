"""A consumer for brokers that answer at once where there is nothing to fetch."""

import asyncio
from typing import Any

from aiokafka import AIOKafkaConsumer

REST_SECONDS = 0.05
FETCH_MILLISECONDS = 10


class RestingReader(AIOKafkaConsumer):  # type: ignore[misc]
    """Asks for nothing for a while after a fetch that brought nothing.

    Kafka holds such a fetch until there is news. With a broker that does not, aiokafka would ask again and
    again, a thousand times a second, and keep a core busy with it.
    """

    async def getmany(self, *partitions: Any, timeout_ms: int = 0, **options: Any) -> dict[Any, list[Any]]:
        """As aiokafka's, but waiting for a rest at most."""
        fetched: dict[Any, list[Any]] = await super().getmany(
            *partitions, timeout_ms=min(timeout_ms, FETCH_MILLISECONDS), **options
        )
        if timeout_ms and not fetched:
            self.pause(*self.assignment())
            await asyncio.sleep(REST_SECONDS)
            self.resume(*self.paused())
        return fetched
