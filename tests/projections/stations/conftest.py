"""Stations as the service lists them, from events that are recorded."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from lifecycle.calendar import Calendar
from projections.query.database import reading
from projections.query.page import read_page
from projections.query.parameters import read_page_request
from projections.query.scope import AllOrganizations, Scope
from projections.recorder import PostgresRecorder
from projections.stations.columns import STATIONS
from tests import events
from tests.projections.recorder.conftest import Clock, clock, log, recorder, sql
from tests.projections.recorder.log import Log
from tests.reference.histories import ZONE
from tests.reference.instants import instant

__all__ = ["clock", "log", "recorder", "sql"]

NOW = "2026-07-01T12:00:00Z"
Row = dict[str, Any]
List = Callable[..., Awaitable[list[Row]]]
One = Callable[..., Awaitable[Row]]
Record = Callable[..., Awaitable[None]]


@pytest.fixture
def record(recorder: PostgresRecorder, log: Log) -> Record:
    """Records events."""

    async def record(*given: events.Json) -> None:
        await recorder.record(log.batch(*given))

    return record


@pytest.fixture
async def stations(database_url: str, clock: Clock) -> AsyncIterator[List]:
    """All stations, every column, at `as_of` or at the first of July 2026; parameters as the API's."""
    async with reading(database_url, statement_timeout_s=30) as connection:

        async def listed(
            as_of: str = NOW, filters: list[str] | None = None, scope: Scope | None = None, **given: str
        ) -> list[Row]:
            pairs = [("filter", each) for each in filters or ()] + [
                ("as_of", as_of),
                ("columns", ",".join(STATIONS.keys)),
                *given.items(),
            ]
            asked = read_page_request(
                pairs, scope or AllOrganizations(), instant(NOW), Calendar(ZONE), STATIONS
            )
            return [
                {key: events_cell(value) for key, value in row.items()}
                for row in (await read_page(connection, asked)).rows
            ]

        yield listed


def events_cell(value: Any) -> Any:
    """A cell as the API writes it."""
    return value.isoformat() if hasattr(value, "isoformat") else value


@pytest.fixture
def station(stations: List) -> One:
    """The one station there is."""

    async def the_one(as_of: str = NOW) -> Row:
        [row] = await stations(as_of)
        return row

    return the_one
