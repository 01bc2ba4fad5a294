"""Questions to the diff, on rows put in by hand."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from projections.diff.page import DiffPage, read_diff
from projections.diff.parameters import read_diff_request
from projections.query.database import reading
from projections.query.scope import AllOrganizations, Scope
from tests.projections.read.conftest import NOW, PACIFIC, microseconds, writer

__all__ = ["writer"]

Compare = Callable[..., Awaitable[DiffPage]]


@pytest.fixture
async def compare(database_url: str) -> AsyncIterator[Compare]:
    """Asks for a page: the parameters of the API, `from` as `since`, `filters=[...]`; now is `NOW`."""
    async with reading(database_url, statement_timeout_s=30) as connection:

        async def page(
            since: str | None = None,
            filters: list[str] | None = None,
            scope: Scope | None = None,
            **given: str,
        ) -> DiffPage:
            pairs = [("filter", text) for text in filters or ()] + list(given.items())
            if since is not None:
                pairs.append(("from", since))
            asked = read_diff_request(pairs, scope or AllOrganizations(), microseconds(NOW), PACIFIC)
            return await read_diff(connection, asked)

        yield page
