"""A company that is recorded, and its database verified."""

import random
from collections.abc import Awaitable, Callable

import asyncpg
import pytest

from lifecycle.calendar import Calendar
from projections.recorder import PostgresRecorder
from projections.verify.verify import Verified, verify
from tests import events
from tests.projections.recorder.conftest import Clock, clock, log, recorder, sql
from tests.projections.recorder.log import Log, spread
from tests.projections.recorder.test_random_histories import record_all
from tests.reference.histories import ZONE, random_history

__all__ = ["clock", "log", "recorder", "sql"]

Verify = Callable[..., Awaitable[Verified]]
SEED = 5


@pytest.fixture
def verified(database_url: str, clock: Clock) -> Verify:
    """What is found, with the options of `verify`."""

    async def find(zone: str = ZONE, **options: int) -> Verified:
        return await verify(database_url, Calendar(zone), clock, **options)  # type: ignore[arg-type]

    return find


@pytest.fixture
async def company(recorder: PostgresRecorder, log: Log) -> list[events.Json]:
    """A random history of 20 tokens, recorded in batches; and T0, whose history is known in detail."""
    history = random_history(SEED, tokens=20, length=300)
    await record_all(recorder, spread(log, history, random.Random(SEED), 0, 40))
    taken_back = events.activated("S0", at="2026-01-20T16:00:00Z")
    known = [
        events.order(["T0"], sales_order="SO-0"),
        events.shipped(lines=[events.shipped_line(["T0"], sales_order="SO-0")], shipment="SH-0"),
        events.applied("T0", "S0", station_name="Garage"),
        events.activated("S0"),
        taken_back,
        events.transferred(["T0"]),
        events.unapplied("T0"),
        events.retracted(taken_back),
        events.retracted({"source": "urn:nobody", "id": "never comes"}),
    ]
    await recorder.record(log.batch(*known))
    return [*history, *known]


@pytest.fixture
async def tampered(company: list[events.Json], sql: asyncpg.Connection) -> asyncpg.Connection:
    """A connection to change what is stored of the company."""
    return sql
