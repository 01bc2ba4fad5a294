"""Worker processes on the test's own topics and database, and a look at both."""

from collections.abc import AsyncIterator, Callable, Iterator

import asyncpg
import pytest

from tests.faults.workers import Worker
from tests.lifecycle.consumer.conftest import apache
from tests.lifecycle.consumer.producing import Topics
from tokens.settings import Settings

__all__ = ["apache"]

StartWorker = Callable[[], Worker]


@pytest.fixture
def start_worker(settings: Settings) -> Iterator[StartWorker]:
    """Starts worker processes; those that still run end with the test."""
    started: list[Worker] = []

    def start() -> Worker:
        started.append(Worker(settings))
        return started[-1]

    yield start
    for worker in started:
        worker.command.close()


@pytest.fixture
def topics(settings: Settings) -> Topics:
    """The test's own topics."""
    return Topics(settings)


@pytest.fixture
async def sql(settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    """A connection to look at what is stored."""
    connection = await asyncpg.connect(settings.database_url)
    yield connection
    await connection.close()
