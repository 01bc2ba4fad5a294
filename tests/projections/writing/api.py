"""The API on the test's own broker and database, beside a worker of the test's or without one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from lifecycle.calendar import Calendar
from projections.http.app import create_app
from projections.http.database import ReportDatabase
from projections.publishing.publisher import KafkaPublisher
from tests.projections.read.serving import served
from tests.reference.histories import ZONE
from tokens import clock
from tokens.settings import Settings
from tokens.topic_ranges import input_ranges


@asynccontextmanager
async def serving(settings: Settings, **other: Any) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an API with these settings; `other` are arguments of `create_app` to use in their place."""
    assert settings.database_url is not None
    options: dict[str, Any] = {"kafka": settings.kafka, "topic_prefix": settings.topic_prefix, **other}
    async with served(create_app(settings.database_url, ZONE, clock.now, **options)) as client:
        client.timeout = httpx.Timeout(90)
        yield client


def problem(answer: httpx.Response, status: int, kind: str = "about:blank") -> dict[str, Any]:
    """The problem details of an answer of that status and kind."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = dict(answer.json())
    assert body["type"].removeprefix("urn:problem-type:service-tokens:") == kind
    return body


async def ends(settings: Settings) -> dict[tuple[str, int], int]:
    """The end of each partition of the input topics, by bare topic, those that are empty left out."""
    ranges = await asyncio.to_thread(input_ranges, settings)
    return {
        (place.topic.removeprefix(settings.topic_prefix), place.partition): end
        for place, (_, end) in ranges.items()
        if end
    }


@pytest.fixture
async def publisher(settings: Settings) -> AsyncIterator[KafkaPublisher]:
    """To the test's own broker."""
    assert settings.kafka is not None
    publisher = KafkaPublisher(settings.kafka)
    yield publisher
    await publisher.close()


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[ReportDatabase]:
    """As the API has it."""
    assert settings.database_url is not None
    database = ReportDatabase(settings.database_url, Calendar(ZONE), 30)
    async with database.opened():
        yield database
