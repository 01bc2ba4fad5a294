"""Events recorded in the test's own database, and the API that explains what came of them."""

from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest

from projections.query.database import reading
from projections.recorder import PostgresRecorder
from tests.events import Json
from tests.projections.read.serving import app_of, served
from tests.projections.recorder.conftest import clock, log, recorder, sql
from tests.projections.recorder.log import Log

__all__ = ["clock", "log", "recorder", "sql"]
Record = Callable[..., Awaitable[None]]


@pytest.fixture
async def record(recorder: PostgresRecorder, log: Log) -> Record:
    """Records events, each in a batch and so in a segment of its own."""

    async def each(*events: Json) -> None:
        for event in events:
            await recorder.record(log.batch(event))

    return each


@pytest.fixture
async def client(database_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the API; there it is the first of June 2026."""
    async with served(app_of(database_url)) as client:
        yield client


@pytest.fixture
async def reader(database_url: str) -> AsyncIterator[object]:
    """A connection as the API and the commands have them."""
    async with reading(database_url, statement_timeout_s=30) as connection:
        yield connection
