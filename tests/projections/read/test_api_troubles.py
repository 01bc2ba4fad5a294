"""The API while the database is away, slow or of another version, and exports that break off."""

import asyncio
import time
from collections.abc import AsyncIterator

import asyncpg
import httpx
import pytest

from projections.http.app import create_app
from tests.projections.read.conftest import NOW
from tests.projections.read.serving import NOWHERE, app_of, served

AWAY = "urn:problem-type:service-tokens:database-away"


@pytest.fixture
async def slow_view(writer: asyncpg.Connection) -> None:
    """A report that takes a second."""
    await writer.execute(
        "insert into tokens (token_serial, new_at, span_starts_at, sequence, fold_version, digest, facts) "
        "values ('T', $1, $1, 1, 1, '', '')",
        NOW,
    )
    await writer.execute(
        """
        create or replace function service_tokens_at(as_of timestamptz) returns setof service_tokens
        language plpgsql stable as $$
        begin perform pg_sleep(1); return query select * from service_tokens; end $$
        """
    )


@pytest.fixture
async def many(writer: asyncpg.Connection) -> None:
    """More than the buffers between Postgres and a client can hold."""
    await writer.execute(
        """
        insert into tokens
            (token_serial, description, new_at, span_starts_at, sequence, fold_version, digest, facts)
        select lpad(number::text, 8, '0'), repeat('x', 400), $1, $1, 1, 1, '', ''
        from generate_series(1, 60000) as number
        """,
        NOW,
    )


@pytest.fixture
async def without_database() -> AsyncIterator[httpx.AsyncClient]:
    async with served(app_of(NOWHERE)) as client:
        yield client


async def test_it_starts_without_a_database_and_says_so(without_database: httpx.AsyncClient) -> None:
    assert (await without_database.get("/healthz")).json() == {"status": "alive"}
    began = time.monotonic()
    answer = await without_database.get("/readyz")
    assert time.monotonic() - began < 1.5
    assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
    assert ["the database cannot be reached" in reason for reason in answer.json()["reasons"]] == [True]
    assert answer.headers["retry-after"] == "5"


@pytest.mark.parametrize("path", ["/api/tokens", "/api/export"])
async def test_calls_without_a_database_are_unavailable(
    without_database: httpx.AsyncClient, path: str
) -> None:
    answer = await without_database.get(path)
    assert (answer.status_code, answer.json()["type"]) == (503, AWAY)


async def test_a_database_that_does_not_answer_is_not_waited_for() -> None:
    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    silent = await asyncio.start_server(hold, "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    async with served(app_of(f"postgresql://nobody@127.0.0.1:{port}/nothing?sslmode=disable")) as client:
        began = time.monotonic()
        answer = await client.get("/readyz")
        assert time.monotonic() - began < 2
        assert (answer.status_code, len(answer.json()["reasons"])) == (503, 1)
    silent.close()
    await silent.wait_closed()


async def test_a_database_without_tables_or_of_a_newer_version_is_not_ready(
    empty_database_url: str, database_url: str, writer: asyncpg.Connection
) -> None:
    async with served(app_of(empty_database_url)) as client:
        answer = await client.get("/readyz")
        assert (answer.status_code, "tokens migrate" in answer.json()["detail"]) == (503, True)
        answer = await client.get("/api/tokens")
        assert (answer.status_code, answer.json()["type"]) == (503, AWAY)
    async with served(app_of(database_url)) as client:
        assert (await client.get("/readyz")).json() == {"status": "ready"}
        await writer.execute("insert into schema_migrations (version, name) values (9999, 'later')")
        answer = await client.get("/readyz")
        assert (answer.status_code, "newer" in answer.json()["reasons"][0]) == (503, True)


async def test_it_recovers_when_its_connections_were_lost(
    database_url: str, writer: asyncpg.Connection
) -> None:
    async with served(app_of(database_url)) as client:
        assert (await client.get("/api/tokens")).status_code == 200
        await writer.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name like '%reader'"
        )
        # Its session ends some time after that call: one answer or the other meets the end.
        answers = [(await client.get("/api/tokens")).status_code for _ in range(20)]
        assert set(answers) <= {200, 503}
        assert answers.count(503) <= 1
        assert answers[-1] == 200


async def test_a_query_that_takes_too_long_is_stopped(database_url: str, slow_view: None) -> None:
    async with served(app_of(database_url, statement_timeout_s=0.2)) as client:
        began = time.monotonic()
        answer = await client.get("/api/tokens")
        assert time.monotonic() - began < 0.9
        assert (answer.status_code, answer.json()["title"]) == (503, "query too slow")
        assert "narrow the filters" in answer.json()["detail"]


async def test_exports_are_limited_in_number_and_told_when_to_come_back(
    database_url: str, slow_view: None
) -> None:
    async with served(app_of(database_url, max_exports=1)) as client:
        first, second = await asyncio.gather(client.get("/api/export"), client.get("/api/export"))
        done, refused = sorted((first, second), key=lambda answer: answer.status_code)
        assert (done.status_code, refused.status_code) == (200, 503)
        assert refused.json()["title"] == "too many exports"
        assert "retry-after" in refused.headers
        assert (await client.get("/api/export")).status_code == 200


async def test_an_export_that_is_cut_off_never_looks_complete(
    database_url: str, writer: asyncpg.Connection, many: None
) -> None:
    async with served(app_of(database_url)) as client:
        async with client.stream("GET", "/api/export") as answer:
            assert answer.status_code == 200
            chunks = aiter(answer.aiter_bytes())
            received = [await anext(chunks)]
            await _end_exports(writer)
            with pytest.raises(httpx.RemoteProtocolError):
                await _receive_rest(chunks, received)
        assert len(b"".join(received)) < 60_000 * 400
        metrics = (await client.get("/metrics")).text
        assert 'tokens_api_answers_cut_off_total{route="/api/export"} 1.0' in metrics


async def test_over_http_1_0_an_export_is_refused(database_url: str) -> None:
    async with served(app_of(database_url)) as client:
        reader, writer = await asyncio.open_connection(client.base_url.host, client.base_url.port)
        writer.write(b"GET /api/export HTTP/1.0\r\nHost: x\r\n\r\n")
        answer = await asyncio.wait_for(reader.read(), 10)
        writer.close()
        assert answer.startswith(b"HTTP/1.1 505 ")
        assert b"application/problem+json" in answer


@pytest.fixture
async def trickle(writer: asyncpg.Connection) -> None:
    """A report of a minute, row by row; rows are long, so that each is sent by itself."""
    await writer.execute(
        """
        insert into tokens
            (token_serial, description, new_at, span_starts_at, sequence, fold_version, digest, facts)
        values ('T', repeat('x', 20000), '2026-01-01Z', '2026-01-01Z', 1, 1, '', '');
        create or replace function service_tokens_at(as_of timestamptz) returns setof service_tokens
        language sql stable as $$
            select service_tokens.* from service_tokens, generate_series(1, 1200) as row,
                lateral (select pg_sleep(0.05 + 0 * row)) as pause
        $$
        """
    )


async def test_a_client_that_goes_away_ends_its_export(
    database_url: str, writer: asyncpg.Connection, trickle: None
) -> None:
    async with served(app_of(database_url)) as client:
        async with client.stream("GET", "/api/export") as answer:
            await anext(aiter(answer.aiter_bytes()))
            assert await _exports(writer) == 1
        await _until_no_export(writer)


async def test_a_client_that_stops_reading_loses_its_export(
    database_url: str, writer: asyncpg.Connection, many: None
) -> None:
    app = app_of(database_url, stall_timeout_s=0.3)
    async with served(app) as client, client.stream("GET", "/api/export") as answer:
        await _until_no_export(writer)
        with pytest.raises(httpx.RemoteProtocolError):
            await _receive_rest(answer.aiter_bytes(), [])


def test_the_app_names_the_zone_that_it_is_given() -> None:
    app = create_app(NOWHERE, "Europe/Berlin", lambda: 0)
    assert app.title == "Service tokens"


async def _receive_rest(chunks: AsyncIterator[bytes], received: list[bytes]) -> None:
    async for chunk in chunks:
        received.append(chunk)


_EXPORTS = (
    "from pg_stat_activity where query like 'COPY%' and state = 'active' and datname = current_database()"
)


async def _exports(writer: asyncpg.Connection) -> int:
    return int(await writer.fetchval(f"select count(*) {_EXPORTS}"))


async def _end_exports(writer: asyncpg.Connection) -> None:
    await writer.execute(f"select pg_terminate_backend(pid) {_EXPORTS}")


async def _until_no_export(writer: asyncpg.Connection) -> None:
    async with asyncio.timeout(10):
        while await _exports(writer):
            await asyncio.sleep(0.05)
