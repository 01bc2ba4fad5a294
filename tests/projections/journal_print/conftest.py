"""What the journal prints, asked for with a selection."""

from collections.abc import Awaitable, Callable

import pytest

from projections.journal_print.printing import printed
from projections.journal_print.selection import Selection
from projections.query.database import reading
from tests.projections.recorder.conftest import clock, log, recorder, sql

__all__ = ["clock", "log", "recorder", "sql"]

Print = Callable[..., Awaitable[list[bytes]]]


@pytest.fixture
def lines(database_url: str) -> Print:
    """The lines for a selection, given as the fields of `Selection`."""

    async def read(**given: object) -> list[bytes]:
        async with reading(database_url, statement_timeout_s=30) as connection:
            return [line async for line in printed(connection, Selection(**given))]  # type: ignore[arg-type]

    return read
