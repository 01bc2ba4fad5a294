"""Stations and order lines as the service lists them, from events that are recorded."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Any

import pytest

from lifecycle.calendar import Calendar
from projections.listing import Listing
from projections.orders.columns import ORDERS
from projections.query.database import reading
from projections.query.page import read_page
from projections.query.parameters import read_page_request
from projections.query.scope import AllOrganizations, Scope
from projections.recorder import PostgresRecorder
from projections.stations.columns import STATIONS
from tests import events
from tests.projections.recorder.conftest import Clock, clock, log, recorder, sql
from tests.projections.recorder.log import Log
from tests.projections.recorder.stored import shown
from tests.reference.histories import ZONE
from tests.reference.instants import instant

if TYPE_CHECKING:
    from projections.query.database import Reader

__all__ = ["clock", "log", "recorder", "sql"]

NOW = "2026-07-01T12:00:00Z"
Row = dict[str, Any]
List = Callable[..., Awaitable[list[Row]]]
One = Callable[..., Awaitable[Row]]
Record = Callable[..., Awaitable[None]]


@pytest.fixture
def record(recorder: PostgresRecorder, log: Log) -> Record:
    """Records events, in one batch."""

    async def record(*given: events.Json) -> None:
        await recorder.record(log.batch(*given))

    return record


@pytest.fixture
async def reader(database_url: str, clock: Clock) -> AsyncIterator["Reader"]:
    async with reading(database_url, statement_timeout_s=30) as connection:
        yield connection


def listed(reader: "Reader", listing: Listing) -> List:
    """All rows, every column, at `as_of` or on the first of July 2026; parameters as the API's."""

    async def listed(
        as_of: str = NOW, filters: list[str] | None = None, scope: Scope | None = None, **given: str
    ) -> list[Row]:
        pairs = [("filter", each) for each in filters or ()]
        pairs += [("as_of", as_of), ("columns", ",".join(listing.keys)), *given.items()]
        asked = read_page_request(pairs, scope or AllOrganizations(), instant(NOW), Calendar(ZONE), listing)
        page = await read_page(reader, asked)
        return [{key: shown(value) for key, value in row.items()} for row in page.rows]

    return listed


@pytest.fixture
def stations(reader: "Reader") -> List:
    """All stations."""
    return listed(reader, STATIONS)


@pytest.fixture
def orders(reader: "Reader") -> List:
    """All order lines."""
    return listed(reader, ORDERS)


@pytest.fixture
def station(stations: List) -> One:
    """The one station there is."""
    return the_one(stations)


@pytest.fixture
def line(orders: List) -> One:
    """The one order line there is."""
    return the_one(orders)


def the_one(listed: List) -> One:
    async def the_one(as_of: str = NOW) -> Row:
        [row] = await listed(as_of)
        return row

    return the_one
