"""The pages on a real server, over rows put in by hand."""

from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest

from tests.projections.read.conftest import writer
from tests.projections.read.serving import app_of, served
from tests.projections.web.html import Element, parse_html

__all__ = ["writer"]
Open = Callable[..., Awaitable[Element]]


@pytest.fixture
async def client(database_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the pages; there it is the first of June 2026."""
    async with served(app_of(database_url)) as client:
        yield client


@pytest.fixture
def opened(client: httpx.AsyncClient) -> Open:
    """Opens an address, redirects followed, and reads the page, which has the status expected."""

    async def page(address: str, status: int = 200, **parameters: object) -> Element:
        answer = await client.get(address, params=parameters or None, follow_redirects=True)  # type: ignore[arg-type]
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        return parse_html(answer.text)

    return page
