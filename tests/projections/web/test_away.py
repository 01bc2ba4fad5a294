"""While Postgres is away: pages that say so, and when to come back."""

import httpx
import pytest

from tests.projections.read.serving import NOWHERE, app_of, served
from tests.projections.web.html import parse_html


@pytest.mark.parametrize("path", ["/", "/stations", "/orders", "/summary", "/count", "/tokens/T1"])
async def test_a_page_says_that_the_database_is_away(path: str) -> None:
    async with served(app_of(NOWHERE)) as client:
        _is_told(await client.get(path))


async def test_a_form_says_that_the_database_is_away() -> None:
    fields = {"serials": "T1", "to_org_id": "A", "to_org_name": "B", "step": "preview"}
    async with served(app_of(NOWHERE)) as client:
        _is_told(await client.post("/transfer", data=fields))


def _is_told(answer: httpx.Response) -> None:
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    told = parse_html(answer.text).one("section", class_="told").words
    assert told.startswith("503 Service Unavailable The database cannot be reached")
    assert "Try again in a moment." in told
