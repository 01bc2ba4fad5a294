"""A company in the database, and what would become of a transfer or an application in it."""

from collections.abc import AsyncIterator, Awaitable, Callable

import asyncpg
import pytest

from projections.query.database import reading
from projections.query.scope import AllOrganizations, Scope
from projections.recorder import PostgresRecorder
from projections.writing.applications import preview_application
from projections.writing.asked import ApplicationItem, TransferItem
from projections.writing.results import ApplicationResult, TransferResult
from projections.writing.transfers import preview_transfer
from tests.events import Json
from tests.projections.recorder.conftest import Clock, clock, log, recorder, sql
from tests.projections.recorder.log import Log
from tests.reference.instants import instant

__all__ = ["clock", "log", "recorder", "sql"]

Known = Callable[..., Awaitable[None]]
ALL = AllOrganizations()


@pytest.fixture
def known(recorder: PostgresRecorder, log: Log) -> Known:
    """Has events recorded."""

    async def record(*events: Json) -> None:
        await recorder.record(log.batch(*events))

    return record


class Previews:
    """Asks at the clock's now (2026-07-01T12:00:00Z)."""

    def __init__(self, connection: asyncpg.Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    async def transfers(self, *items: TransferItem, scope: Scope = ALL) -> list[TransferResult]:
        """What would become of each."""
        return await preview_transfer(self._connection, items, scope, self._clock())

    async def transfer(
        self,
        serial: str = "T1",
        to_org: str = "ORG-2",
        *,
        from_org: str | None = None,
        at: str | None = None,
        scope: Scope = ALL,
    ) -> TransferResult:
        """What would become of one token."""
        item = TransferItem(
            serial, to_org, f"Name of {to_org}", from_org, None if at is None else instant(at)
        )
        [result] = await self.transfers(item, scope=scope)
        return result

    async def applications(self, *items: ApplicationItem, scope: Scope = ALL) -> list[ApplicationResult]:
        """What would become of each."""
        return await preview_application(self._connection, items, scope, self._clock())

    async def apply(
        self,
        serial: str = "T1",
        station: str = "S1",
        *,
        name: str | None = None,
        evse_id: str | None = None,
        at: str | None = None,
        starts_at: str | None = None,
        scope: Scope = ALL,
    ) -> ApplicationResult:
        """What would become of one token."""
        applied_at, starts = (None if text is None else instant(text) for text in (at, starts_at))
        item = ApplicationItem(serial, station, name, evse_id, applied_at, starts)
        [result] = await self.applications(item, scope=scope)
        return result


@pytest.fixture
async def previews(database_url: str, clock: Clock) -> AsyncIterator[Previews]:
    """On a connection that can only read."""
    async with reading(database_url, statement_timeout_s=30) as connection:
        yield Previews(connection, clock)  # type: ignore[arg-type]
