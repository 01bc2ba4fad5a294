"""Connections that settle dead letters. Those that list them are the report's."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import asyncpg

from projections.migrate import SchemaMismatch, check_schema
from projections.query.database import CONNECT_TIMEOUT_S, DatabaseAway, database_errors, reader_settings

if TYPE_CHECKING:
    from projections.query.database import Reader


@asynccontextmanager
async def letters_opened(
    database_url: str, *, may_write: bool, statement_timeout_s: float
) -> AsyncIterator["Reader"]:
    """A connection of one's own to a database of this version's schema; a timeout of 0 is none.

    Raises `DatabaseAway` and `QueryTooSlow`.
    """
    async with database_errors():
        connection = await asyncpg.connect(
            database_url,
            timeout=CONNECT_TIMEOUT_S,
            server_settings={
                **reader_settings(statement_timeout_s),
                "application_name": "service-tokens dead letters",
                "default_transaction_read_only": "off" if may_write else "on",
            },
            statement_cache_size=0,
        )
        try:
            try:
                await check_schema(connection)
            except SchemaMismatch as mismatch:
                raise DatabaseAway(str(mismatch)) from mismatch
            yield connection
        except BaseException:
            connection.terminate()
            raise
        await connection.close(timeout=CONNECT_TIMEOUT_S)
