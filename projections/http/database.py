"""The API's connections to Postgres."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import asyncpg

from lifecycle.calendar import Calendar
from projections.fold_version import why_rebuild_is_due
from projections.migrate import SchemaMismatch, check_schema
from projections.query.database import (
    CONNECT_TIMEOUT_S,
    DatabaseAway,
    database_errors,
    reader_settings,
    reading,
)

if TYPE_CHECKING:
    from projections.query.database import Reader

POOL_SIZE = 10
READINESS_TIMEOUT_S = 1.0
# Beyond the statement's own: when the server does not even say that it stopped.
SILENCE_TIMEOUT_S = 5.0


class ReportDatabase:
    """Connections for short queries from a pool, and for readiness of its own.

    Opening it connects to nothing, so that the API starts while Postgres is away, and says that it is. Rows are
    to be those of the `calendar`.
    """

    def __init__(self, database_url: str, calendar: Calendar, statement_timeout_s: float) -> None:
        self._database_url = database_url
        self._calendar = calendar
        self._statement_timeout_s = statement_timeout_s
        self._pool: asyncpg.Pool[asyncpg.Record] | None = None

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        async with asyncpg.create_pool(
            self._database_url,
            min_size=0,
            max_size=POOL_SIZE,
            timeout=CONNECT_TIMEOUT_S,
            command_timeout=self._statement_timeout_s + SILENCE_TIMEOUT_S,
            statement_cache_size=0,
            server_settings=reader_settings(self._statement_timeout_s),
        ) as self._pool:
            yield

    @asynccontextmanager
    async def querying(self) -> AsyncIterator["Reader"]:
        """A connection for a short query. Raises `DatabaseAway` and `QueryTooSlow`."""
        assert self._pool is not None
        async with database_errors(), self._pool.acquire(timeout=CONNECT_TIMEOUT_S) as connection:
            yield connection

    async def unready_reasons(self) -> list[str]:
        """Why the report cannot be read now, in sentences; empty when it can. Takes a second at most."""
        try:
            async with (
                asyncio.timeout(READINESS_TIMEOUT_S),
                reading(self._database_url, READINESS_TIMEOUT_S) as connection,
            ):
                await check_schema(connection)
                due = await why_rebuild_is_due(connection, self._calendar)
        except SchemaMismatch as mismatch:
            return [str(mismatch)]
        except DatabaseAway as away:
            return [str(away)]
        except TimeoutError:
            return [f"the database did not answer within {READINESS_TIMEOUT_S:g} s"]
        return [] if due is None else [due]
