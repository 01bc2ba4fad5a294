"""A connection to the database, or a sentence."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import asyncpg

from projections.migrate import SchemaMismatch
from tokens.failure import Failure

_CONNECT_SECONDS = 10


@asynccontextmanager
async def sentences(database_url: str) -> AsyncIterator[None]:
    """Turn what goes wrong on the way to the database into a Failure that names it (without its password)."""
    try:
        yield
    except SchemaMismatch as error:
        raise Failure(str(error)) from error
    except (
        OSError,
        TimeoutError,
        asyncpg.PostgresConnectionError,
        asyncpg.InvalidAuthorizationSpecificationError,
    ) as error:
        raise Failure(
            f"Postgres at {_shown(database_url)} does not answer: {error or type(error).__name__}"
        ) from error
    except asyncpg.InvalidCatalogNameError as error:
        raise Failure(f"Postgres at {_shown(database_url)}: {error}") from error


@asynccontextmanager
async def connected(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection that is closed at the end. Raises Failure where the database does not answer."""
    async with sentences(database_url):
        connection = await asyncpg.connect(database_url, timeout=_CONNECT_SECONDS)
    try:
        yield connection
    finally:
        await connection.close()


def _shown(database_url: str) -> str:
    parts = urlsplit(database_url)
    return f"{parts.hostname}:{parts.port or 5432}{parts.path}"
