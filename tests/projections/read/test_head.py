"""HEAD answers as GET does, without the body: monitors and those who check links ask so."""

import asyncpg
import httpx
import pytest

from tests.projections.read.serving import app_of, served
from tests.projections.read.stored import store, token
from tests.projections.web.test_list_page import AT


@pytest.mark.parametrize(
    "path", ["/", "/stations", "/healthz", "/readyz", "/api/tokens", "/api/tokens/ST-1", "/api/tokens?sort=x"]
)
async def test_the_head_of_an_answer_is_that_of_get(
    database_url: str, writer: asyncpg.Connection, path: str
) -> None:
    await store(writer, token("ST-1", AT))
    async with served(app_of(database_url)) as client:
        whole, head = await client.get(path), await client.head(path)
        assert head.content == b""
        assert (head.status_code, _lasting(head)) == (whole.status_code, _lasting(whole))
        tag = whole.headers.get("etag")
        if tag is not None:
            assert (await client.head(path, headers={"if-none-match": tag})).status_code == 304


@pytest.mark.parametrize("path", ["/api/export", "/api/stations/export"])
async def test_the_head_of_an_export_alone_says_nothing(database_url: str, path: str) -> None:
    async with served(app_of(database_url)) as client:
        answer = await client.head(path)
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET")


def _lasting(answer: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name != "date"}
