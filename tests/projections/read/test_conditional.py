"""What a poller gets that has the answer already, and above all that it hears of every change."""

from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg
import httpx
import pytest

from projections.http.app import create_app
from tests.projections.read.conftest import NOW, microseconds
from tests.projections.read.serving import served
from tests.projections.read.stored import MICROSECOND, store, token

CALLS = (
    "/api/tokens",
    "/api/summary",
    "/api/columns",
    "/api/diff?from=2026-01-01T00:00:00Z&to=2026-06-01T00:00:00Z",
)


@pytest.fixture
def clock() -> list[int]:
    """Now, as the API sees it; a test may set it."""
    return [microseconds(NOW)]


@pytest.fixture
async def client(database_url: str, clock: list[int]) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(database_url, "America/Los_Angeles", lambda: clock[0])
    async with served(app) as client:
        yield client


async def tag_of(client: httpx.AsyncClient, path: str) -> str:
    answer = await client.get(path)
    assert answer.status_code == 200
    return answer.headers["etag"]


async def again(client: httpx.AsyncClient, path: str, tag: str) -> int:
    return (await client.get(path, headers={"If-None-Match": tag})).status_code


@pytest.mark.parametrize("path", CALLS)
async def test_an_answer_that_one_has_is_not_sent_again(
    client: httpx.AsyncClient, writer: asyncpg.Connection, path: str
) -> None:
    await store(writer, token("A", NOW))
    first = await client.get(path)
    tag = first.headers["etag"]
    second = await client.get(path, headers={"If-None-Match": tag})
    assert (second.status_code, second.content) == (304, b"")
    assert second.headers["etag"] == tag
    assert first.headers["cache-control"] == second.headers["cache-control"] == "private, no-cache"
    assert "content-type" not in second.headers


@pytest.mark.parametrize("path", CALLS)
async def test_tags_are_compared_as_the_standard_has_it(client: httpx.AsyncClient, path: str) -> None:
    tag = (await tag_of(client, path)).removeprefix("W/")
    for same in ("*", f"W/{tag}", f'"other", {tag}', f'"a,b",W/{tag} , "c"'):
        assert await again(client, path, same) == 304, same
    for other in ('"other"', tag.strip('"'), tag.upper().replace("A", "B"), "", "W/", '"'):
        assert await again(client, path, other) == 200, other
    several = await client.get(path, headers=[("If-None-Match", '"other"'), ("If-None-Match", tag)])
    assert several.status_code == 304


@pytest.mark.parametrize("path", ["/api/tokens", "/api/summary"])
async def test_what_the_clock_alone_changes_is_sent(
    client: httpx.AsyncClient, writer: asyncpg.Connection, clock: list[int], path: str
) -> None:
    await store(writer, token("A", NOW, available_at=NOW + timedelta(days=1)))
    tag = await tag_of(client, path)
    clock[0] = microseconds(NOW + timedelta(hours=1))
    assert await again(client, path, tag) == 304
    clock[0] = microseconds(NOW + timedelta(days=1) - MICROSECOND)
    # On local calendars it is another day by now, which is the same to the rows alone.
    assert await again(client, path, tag) == (304 if path == "/api/tokens" else 200)
    before = await tag_of(client, path)
    clock[0] = microseconds(NOW + timedelta(days=1))
    assert await again(client, path, before) == 200


async def test_what_an_event_changes_is_sent(client: httpx.AsyncClient, writer: asyncpg.Connection) -> None:
    for path in ("/api/tokens", "/api/summary", CALLS[-1]):
        tag = await tag_of(client, path)
        await store(writer, token(path, NOW - timedelta(days=9)))
        assert await again(client, path, tag) == 200


async def test_other_questions_have_other_tags(client: httpx.AsyncClient, writer: asyncpg.Connection) -> None:
    await store(writer, token("A", NOW), token("B", NOW))
    asked = (
        "",
        "?count=true",
        "?columns=token_serial",
        "?sort=-token_serial",
        "?limit=1",
        "?filter=token_serial:is:A",
    )
    tags = {await tag_of(client, f"/api/tokens{query}") for query in asked}
    assert len(tags) == len(asked)


async def test_a_page_that_leads_on_is_the_same_only_at_the_same_instant(
    client: httpx.AsyncClient, writer: asyncpg.Connection, clock: list[int]
) -> None:
    """Else whoever goes on from the page that it has would read the rest of a report of long ago."""
    await store(writer, token("A", NOW), token("B", NOW))
    tag = await tag_of(client, "/api/tokens?limit=1")
    pinned = "/api/tokens?limit=1&as_of=2026-06-01T00:00:00Z"
    pinned_tag = await tag_of(client, pinned)
    clock[0] += 1
    assert await again(client, "/api/tokens?limit=1", tag) == 200
    assert await again(client, pinned, pinned_tag) == 304


async def test_a_wrong_question_has_no_tag(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/tokens?limit=0", headers={"If-None-Match": "*"})
    assert answer.status_code == 422
    assert "etag" not in answer.headers
