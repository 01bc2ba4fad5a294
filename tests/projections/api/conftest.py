"""The API of a small company, as those meet it who write to it: real events through a real broker."""

from collections.abc import AsyncIterator

import httpx
import pytest

from projections.http.app import create_app
from tests import events
from tests.lifecycle.consumer.conftest import Start, start, topics
from tests.lifecycle.consumer.draining import drained
from tests.lifecycle.consumer.producing import Topics
from tests.projections.read.serving import served
from tests.reference.histories import ZONE
from tokens import clock
from tokens.settings import Settings

__all__ = ["start", "topics"]

STORY = (
    events.order(
        sales_order="SO-1001",
        lines=[events.order_line(["ST-000001", "ST-000002", "ST-000003"], term_years=3, quantity=4)],
        org_id="ORG-17",
        org_name="Harbor Garage",
    ),
    events.shipped(
        lines=[events.shipped_line(["ST-000001", "ST-000002", "ST-000003"], sales_order="SO-1001")]
    ),
    events.applied("ST-000001", "CP-4471", station_name="Level 2, bay 14"),
    events.activated("CP-4471", at="2026-03-02T17:00:00Z"),
    events.applied("ST-000004", "CP-4472", at="2026-03-20T16:00:00Z"),
)
UNREADABLE = 4


@pytest.fixture
async def company(settings: Settings, topics: Topics, start: Start) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the API; a worker runs, and has recorded the story and as many dead letters as `UNREADABLE`."""
    await start()
    topics.send(*STORY)
    topics.send(*(b"no event %d" % number for number in range(UNREADABLE)), partition=0)
    await drained(settings)
    assert settings.database_url is not None
    app = create_app(
        settings.database_url, ZONE, clock.now, kafka=settings.kafka, topic_prefix=settings.topic_prefix
    )
    async with served(app) as client:
        yield client
