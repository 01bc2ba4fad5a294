"""Connections that read the report, and what their errors mean to the one who asked."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import asyncpg

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Reader = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]

CONNECT_TIMEOUT_S = 5.0


class DatabaseAway(Exception):
    """Postgres cannot be reached, or has not the tables yet: to be tried again later."""


class QueryTooSlow(Exception):
    """Postgres stopped the query at the time that it is given."""


def reader_settings(statement_timeout_s: float) -> dict[str, str]:
    """The settings of a session that only reads; a timeout of 0 is none."""
    return {
        "application_name": "service-tokens reader",
        "statement_timeout": str(int(statement_timeout_s * 1000)),
        "default_transaction_read_only": "on",
        "TimeZone": "UTC",
        "DateStyle": "ISO, YMD",
        # Plans depend on the values (a rare serial, an instant long ago), and one query compiles
        # longer than it runs.
        "plan_cache_mode": "force_custom_plan",
        "jit": "off",
    }


@asynccontextmanager
async def database_errors() -> AsyncIterator[None]:
    """Turn errors of a connection into `DatabaseAway` and `QueryTooSlow`; all others pass as they are."""
    try:
        yield
    except asyncpg.QueryCanceledError as error:
        raise QueryTooSlow(str(error)) from error
    except (
        asyncpg.UndefinedTableError,
        asyncpg.UndefinedColumnError,
        asyncpg.UndefinedFunctionError,
    ) as error:
        raise DatabaseAway(f"the database has no report yet, run `tokens migrate` ({error})") from error
    except TimeoutError as error:
        raise DatabaseAway("the database does not answer") from error
    except (
        OSError,
        asyncpg.PostgresConnectionError,
        asyncpg.OperatorInterventionError,  # it is starting, stopping or was told to
        asyncpg.InsufficientResourcesError,  # too many connections among them
        asyncpg.InvalidAuthorizationSpecificationError,
        asyncpg.InvalidCatalogNameError,
    ) as error:
        raise DatabaseAway(f"the database cannot be reached: {error}") from error
    except asyncpg.InternalClientError as error:
        # What asyncpg says of a connection that Postgres is ending at this very moment.
        raise DatabaseAway(f"the connection to the database was lost: {error}") from error
    except asyncpg.ClientConfigurationError as error:
        raise DatabaseAway(f"the database's URL cannot be used: {error}") from error
    except asyncpg.InterfaceError as error:
        if "closed" not in str(error):
            raise
        raise DatabaseAway(f"the connection to the database was lost: {error}") from error


@asynccontextmanager
async def snapshot(connection: "Reader", *, is_needed: bool = True) -> AsyncIterator[None]:
    """All statements in here see the same rows. Where one statement is all there is, none is needed."""
    if not is_needed:
        yield
        return
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        yield


@asynccontextmanager
async def reading(database_url: str, statement_timeout_s: float) -> AsyncIterator["Reader"]:
    """A connection of its own for one reader. Raises `DatabaseAway` and `QueryTooSlow`."""
    async with database_errors():
        connection = await asyncpg.connect(
            database_url,
            timeout=CONNECT_TIMEOUT_S,
            server_settings=reader_settings(statement_timeout_s),
            statement_cache_size=0,
        )
        try:
            yield connection
        except BaseException:
            connection.terminate()
            raise
        await connection.close(timeout=CONNECT_TIMEOUT_S)
