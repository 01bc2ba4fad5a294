"""Exports with the parameters of the API, and pages of the report to hold them to."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from projections.export.parameters import read_export_request
from projections.export.writing import write_export
from projections.query.database import reading
from projections.query.scope import AllOrganizations
from tests.projections.read.conftest import NOW, PACIFIC, ask, microseconds, writer

__all__ = ["ask", "writer"]

Export = Callable[..., Awaitable[bytes]]


@pytest.fixture
async def export(database_url: str) -> AsyncIterator[Export]:
    """The file, and `rows` that it says it has; now is `NOW`."""
    async with reading(database_url, statement_timeout_s=30) as connection:

        async def exported(rows: int | None = None, **given: str) -> bytes:
            request = read_export_request(list(given.items()), AllOrganizations(), microseconds(NOW), PACIFIC)
            content = bytearray()

            async def write(chunk: bytes) -> None:
                content.extend(chunk)

            count = await write_export(connection, request, write)
            assert rows is None or count == rows
            return bytes(content)

        yield exported
