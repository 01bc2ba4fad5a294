"""How it stops: at once, with nothing of its own under way when its reader is stopped."""

import asyncio
import time
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer

from lifecycle.recording import Batch, Unavailable
from tests.lifecycle.consumer.conftest import Start
from tests.lifecycle.consumer.ledger import Ledger
from tests.lifecycle.consumer.producing import Topics
from tests.lifecycle.consumer.test_batches import ORDERS, SLOW_SECONDS
from tokens.settings import Settings


class Reader(AIOKafkaConsumer):  # type: ignore[misc]
    """Notes when it is stopped, and when a call that stays ends.

    A connection that the call made behind the stop would be closed by nobody.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.happened: list[str] = []

    async def stay(self, begun: asyncio.Event) -> None:
        """Until it is cancelled."""
        begun.set()
        try:
            await asyncio.sleep(3600)
        finally:
            self.happened.append("the call has ended")

    async def stop(self) -> None:
        self.happened.append("stop")
        await super().stop()


async def test_one_that_is_stopped_while_it_begins_makes_no_reader(start: Start) -> None:
    """Nobody would stop that."""
    begun, closing = asyncio.Event(), asyncio.Event()

    class OpenedWhenClosed(Ledger):
        async def open(self) -> None:
            begun.set()
            await closing.wait()

        async def close(self) -> None:
            closing.set()
            await asyncio.sleep(SLOW_SECONDS)

    reading = await start(OpenedWhenClosed())
    await asyncio.wait_for(begun.wait(), 30)
    await reading.stop()
    assert reading._consumer is None


async def test_no_call_of_its_reader_is_under_way_when_that_is_stopped(start: Start) -> None:
    begun = asyncio.Event()

    class Starting(Reader):
        async def start(self) -> None:
            await self.stay(begun)

    reading = await start(Ledger(), Starting)
    await asyncio.wait_for(begun.wait(), 30)
    await reading.stop()
    assert reading._consumer.happened == ["the call has ended", "stop"]


async def test_no_fetch_ahead_is_under_way_when_its_reader_is_stopped(start: Start, topics: Topics) -> None:
    """The next batch is fetched by a task of its own while one is recorded."""
    recording, fetching = asyncio.Event(), asyncio.Event()

    class Fetching(Reader):
        async def getmany(self, *partitions: Any, **options: Any) -> Any:
            if recording.is_set():
                await self.stay(fetching)
            return await super().getmany(*partitions, **options)

    async def record(_: Batch) -> None:
        recording.set()
        await asyncio.sleep(3600)

    topics.send(*ORDERS)
    reading = await start(Ledger(record), Fetching)
    await asyncio.wait_for(fetching.wait(), 30)
    await reading.stop()
    assert reading._consumer.happened == ["the call has ended", "stop"]


@pytest.mark.parametrize("stuck", ["recording", "waiting for the database"])
async def test_it_stops_at_once_whatever_it_is_doing(
    stuck: str, start: Start, topics: Topics, settings: Settings
) -> None:
    arrived = asyncio.Event()

    async def stay(batch: Batch) -> None:
        arrived.set()
        if stuck == "recording":
            await asyncio.sleep(3600)
        raise Unavailable("away")

    topics.send(*ORDERS)
    ledger = Ledger(stay)
    reading = await start(ledger)
    await asyncio.wait_for(arrived.wait(), 30)
    before = time.monotonic()
    await reading.stop()
    assert time.monotonic() - before < 5
    assert not reading.crashed
    assert not ledger.is_open
