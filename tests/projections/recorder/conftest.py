"""Recorders on the test's own database, and a log of messages that all of them know."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from lifecycle.calendar import Calendar
from native import compiled
from projections.recorder import PostgresRecorder
from projections.recorder.draft import Drafts
from tests.projections.recorder.both import begin_both
from tests.projections.recorder.log import Log
from tests.reference.histories import ZONE
from tests.reference.instants import instant


class Clock:
    """Stands still until it is set; in microseconds."""

    def __init__(self, text: str) -> None:
        self.now = instant(text)

    def __call__(self) -> int:
        return self.now


@pytest.fixture(autouse=True)
def both_drafts(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is recorded is worked out by both, unless what a test counts or measures is one's own."""
    if compiled is not None and request.node.get_closest_marker("one_draft") is None:
        monkeypatch.setattr(Drafts, "begin", begin_both)


@pytest.fixture
def clock() -> Clock:
    """Now is the first of July 2026, at noon UTC."""
    return Clock("2026-07-01T12:00:00Z")


@pytest.fixture
async def recorder(database_url: str, clock: Clock) -> AsyncIterator[PostgresRecorder]:
    """A recorder, as a worker has one."""
    recorder = PostgresRecorder(database_url, Calendar(ZONE), clock)
    await recorder.open()
    yield recorder
    await recorder.close()


@pytest.fixture
async def another_recorder(database_url: str, clock: Clock) -> AsyncIterator[PostgresRecorder]:
    """That of a second worker, with a connection of its own."""
    recorder = PostgresRecorder(database_url, Calendar(ZONE), clock)
    await recorder.open()
    yield recorder
    await recorder.close()


@pytest.fixture
async def log(recorder: PostgresRecorder) -> Log:
    """Topics of two partitions each; the database knows them."""
    log = Log()
    await log.begin(recorder)
    return log


@pytest.fixture
async def sql(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection to look at what is stored."""
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()
