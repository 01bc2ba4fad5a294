"""Questions to the summary, on rows put in by hand."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from projections.query.database import reading
from projections.query.scope import AllOrganizations, Scope
from projections.summary.parameters import read_summary_request
from projections.summary.summary import Bucket, Summary, read_summary
from tests.projections.read.conftest import NOW, PACIFIC, ask, microseconds, writer

__all__ = ["ask", "writer"]

Summarize = Callable[..., Awaitable[Summary]]


@pytest.fixture
async def summarize(database_url: str) -> AsyncIterator[Summarize]:
    """Asks for the counts with the parameters of the API, `filters=[...]` for several filters; now is `NOW`."""
    async with reading(database_url, statement_timeout_s=30) as connection:

        async def summary(
            filters: list[str] | None = None, scope: Scope | None = None, **given: str
        ) -> Summary:
            pairs = [("filter", text) for text in filters or ()] + list(given.items())
            report = read_summary_request(pairs, scope or AllOrganizations(), microseconds(NOW), PACIFIC)
            return await read_summary(connection, report)

        yield summary


def buckets(summary: Summary) -> list[Bucket]:
    """All that is counted."""
    expirations, anomalies = summary.expirations, summary.anomalies
    ends = [expirations.earlier, expirations.later, expirations.none]
    return [*summary.statuses, *expirations.months, *ends, *anomalies.kinds, anomalies.none]
