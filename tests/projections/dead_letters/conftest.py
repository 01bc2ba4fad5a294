"""A running consumer whose dead letters are the test's, and the hands that settle them."""

from collections.abc import AsyncIterator, Awaitable, Callable

import asyncpg
import pytest

from projections.dead_letters.database import letters_opened
from projections.dead_letters.letter import Letter, State, WholeLetter
from projections.dead_letters.listing import ListRequest, list_letters
from projections.dead_letters.reading import read_letter
from projections.publishing.publisher import KafkaPublisher
from tests.lifecycle.consumer.conftest import Start, sql, start, topics
from tests.lifecycle.consumer.draining import drained
from tests.lifecycle.consumer.producing import STRUCTURED, Headers, Topics
from tokens.settings import Settings

__all__ = ["sql", "start", "topics"]

Hands = asyncpg.Connection


class Letters:
    """Makes dead letters on real servers, and looks at them."""

    def __init__(self, settings: Settings, topics: Topics, connection: Hands) -> None:
        self._settings = settings
        self._topics = topics
        self.connection = connection

    async def made_of(
        self, *given: bytes | None, headers: Headers = STRUCTURED, topic: str = "orders"
    ) -> int:
        """Send what is no event, one message each; the number of the last letter made of it."""
        self._topics.send(*given, headers=headers, topic=topic, partition=0)
        await self.recorded()
        number: int = await self.connection.fetchval("select max(dead_letter) from dead_letters")
        return number

    async def recorded(self) -> None:
        """Return when all that is in the topics is recorded."""
        await drained(self._settings)

    async def all(self) -> list[Letter]:
        """Every letter, newest first."""
        return (await list_letters(self.connection, ListRequest(None, None, None, 1000, None))).letters

    async def one(self, number: int) -> WholeLetter:
        """One letter."""
        return await read_letter(self.connection, number)

    async def states(self) -> list[State]:
        """What became of each, oldest first."""
        return [letter.state for letter in reversed(await self.all())]


Made = Callable[..., Awaitable[int]]


@pytest.fixture
async def hands(settings: Settings) -> AsyncIterator[Hands]:
    """A connection that may settle letters."""
    assert settings.database_url is not None
    async with letters_opened(settings.database_url, may_write=True, statement_timeout_s=30) as connection:
        yield connection  # type: ignore[misc]


@pytest.fixture
async def letters(settings: Settings, topics: Topics, start: Start, hands: Hands) -> Letters:
    """Of a consumer that runs."""
    await start()
    return Letters(settings, topics, hands)


@pytest.fixture
async def publisher(settings: Settings) -> AsyncIterator[KafkaPublisher]:
    """To the test's own broker."""
    assert settings.kafka is not None
    publisher = KafkaPublisher(settings.kafka)
    yield publisher
    await publisher.close()
