"""A database with rows put in by hand, and questions to it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime

import asyncpg
import pytest

from lifecycle.calendar import Calendar
from projections.query.database import reading
from projections.query.page import Page, read_page
from projections.query.parameters import read_page_request
from projections.query.scope import AllOrganizations, Scope

PACIFIC = Calendar("America/Los_Angeles")
NOW = datetime(2026, 6, 1, tzinfo=UTC)
Ask = Callable[..., Awaitable[Page]]


def microseconds(at: datetime) -> int:
    """An instant as the service has it."""
    return int((at - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()) * 1_000_000 + at.microsecond


@pytest.fixture
async def writer(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection that may write."""
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


@pytest.fixture
async def ask(database_url: str) -> AsyncIterator[Ask]:
    """Asks for a page with the parameters of the API, `filters=[...]` for several filters; now is `NOW`."""
    async with reading(database_url, statement_timeout_s=30) as connection:

        async def page(filters: list[str] | None = None, scope: Scope | None = None, **given: str) -> Page:
            pairs = [("filter", text) for text in filters or ()] + list(given.items())
            request = read_page_request(pairs, scope or AllOrganizations(), microseconds(NOW), PACIFIC)
            return await read_page(connection, request)

        yield page


def serials(page: Page) -> list[object]:
    """Which tokens a page shows, in order."""
    return [row["token_serial"] for row in page.rows]
