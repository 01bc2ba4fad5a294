"""Exports over HTTP, each made in a process of its own, and what becomes of them in trouble."""

import asyncio
import pickle
import random
import signal
import subprocess
import sys
from collections.abc import AsyncIterator

import asyncpg
import httpx
import psutil
import pytest

from projections.export.apart import Task
from projections.export.formats import Format
from projections.export.parameters import read_export_request
from projections.query.scope import AllOrganizations
from tests.projections.export.reading import rows_of
from tests.projections.read.companies import random_tokens
from tests.projections.read.conftest import NOW, PACIFIC, microseconds
from tests.projections.read.serving import NOWHERE, app_of, served
from tests.projections.read.stored import KEYS, store, token

FORMATS = [str(each) for each in Format]


@pytest.fixture
async def client(database_url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with served(app_of(database_url)) as client:
        yield client


@pytest.fixture
async def endless(writer: asyncpg.Connection) -> None:
    """A report of some minutes, at some megabytes a second, of text that hardly shrinks."""
    await store(writer, token("T", NOW))
    text = "substr(noise.text, 1 + (row % 100) * 20000, 20000)"
    cells = ", ".join(text if key == "description" else key for key in [*KEYS, "anomalies"])
    await writer.execute(
        f"""
        create table noise as
            select string_agg(md5(number::text), '') as text from generate_series(1, 65000) as number;
        create or replace function service_tokens_at(as_of timestamptz) returns setof service_tokens
        language sql stable as $$
            select {cells} from service_tokens, noise, generate_series(1, 100000) as row,
                lateral (select pg_sleep(0.002 + 0 * row)) as pause
        $$
        """
    )


@pytest.fixture
async def asleep(writer: asyncpg.Connection) -> None:
    """A report that Postgres has nothing of for a minute."""
    await writer.execute(
        """
        create or replace function service_tokens_at(as_of timestamptz) returns setof service_tokens
        language plpgsql stable as $$
        begin perform pg_sleep(60); return query select * from service_tokens; end $$
        """
    )


@pytest.mark.parametrize("format_", Format)
async def test_a_file_has_its_type_its_name_and_its_rows(
    client: httpx.AsyncClient, writer: asyncpg.Connection, format_: Format
) -> None:
    await store(writer, *random_tokens(random.Random(61), 40))
    answer = await client.get(f"/api/export?format={format_}&columns=all,anomalies")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == format_.media_type
    name = f"service-tokens-20260601T000000Z.{format_}"
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert answer.headers["cache-control"] == "no-store"
    page = (await client.get("/api/tokens?columns=all,anomalies&limit=1000")).json()
    assert len(rows_of(format_, answer.content)) == len(page["rows"])


@pytest.mark.parametrize("given", ["header=keys", "header=titles", "raw=true", "raw=false"])
@pytest.mark.parametrize("format_", ["xlsx", "parquet", "jsonl"])
async def test_what_means_nothing_to_a_format_is_refused(
    client: httpx.AsyncClient, format_: str, given: str
) -> None:
    answer = await client.get(f"/api/export?format={format_}&{given}")
    parameter = given.partition("=")[0]
    if (format_, parameter) == ("xlsx", "header"):
        assert answer.status_code == 200
    else:
        assert answer.status_code == 422
        assert [error["parameter"] for error in answer.json()["errors"]] == [parameter]
        assert "csv" in answer.json()["detail"]


@pytest.mark.parametrize("format_", FORMATS)
async def test_when_postgres_ends_it_the_client_sees_a_cut(
    client: httpx.AsyncClient, writer: asyncpg.Connection, endless: None, format_: str
) -> None:
    async with client.stream("GET", f"/api/export?format={format_}") as answer:
        assert answer.status_code == 200
        chunks = answer.aiter_bytes()
        await anext(chunks)
        await writer.execute("select pg_terminate_backend(pid) " + _EXPORTS)
        with pytest.raises(httpx.RemoteProtocolError):
            await _receive(chunks)
    await _until_all_is_gone(writer)
    metrics = (await client.get("/metrics")).text
    assert 'tokens_api_answers_cut_off_total{route="/api/export"} 1.0' in metrics


@pytest.mark.parametrize("format_", FORMATS)
async def test_when_its_process_is_killed_the_client_sees_a_cut(
    client: httpx.AsyncClient, writer: asyncpg.Connection, endless: None, format_: str
) -> None:
    async with client.stream("GET", f"/api/export?format={format_}") as answer:
        chunks = answer.aiter_bytes()
        await anext(chunks)
        [process] = _processes()
        process.send_signal(signal.SIGKILL)
        with pytest.raises(httpx.RemoteProtocolError):
            await _receive(chunks)
    await _until_all_is_gone(writer)


@pytest.mark.parametrize("format_", FORMATS)
async def test_when_the_client_goes_away_so_does_all_that_worked_for_it(
    client: httpx.AsyncClient, writer: asyncpg.Connection, endless: None, format_: str
) -> None:
    async with client.stream("GET", f"/api/export?format={format_}") as answer:
        chunks = answer.aiter_bytes()
        await anext(chunks)
        assert len(_processes()) == 1
    await _until_all_is_gone(writer)


async def test_a_client_that_goes_away_at_the_last_piece_leaves_its_place(
    database_url: str, writer: asyncpg.Connection
) -> None:
    # All in one piece, larger than what the server and its client keep for each other.
    await store(writer, token("T", NOW))
    await writer.execute("update tokens set description = repeat('x', 30000000)")
    async with served(app_of(database_url, max_exports=1)) as client:
        for _ in range(2):
            async with client.stream("GET", "/api/export") as answer:
                assert answer.status_code == 200
            await _until_all_is_gone(writer)
            async with asyncio.timeout(10):
                while "too-many" in (await client.get("/api/export?filter=token_serial:is:none")).text:
                    await asyncio.sleep(0.05)


@pytest.mark.parametrize("format_", FORMATS)
async def test_a_client_that_stops_reading_loses_its_export(
    database_url: str, writer: asyncpg.Connection, endless: None, format_: str
) -> None:
    app = app_of(database_url, stall_timeout_s=0.3)
    async with served(app) as client, client.stream("GET", f"/api/export?format={format_}") as answer:
        await _until_all_is_gone(writer)
        with pytest.raises(httpx.RemoteProtocolError):
            await _receive(answer.aiter_bytes())


@pytest.mark.parametrize("format_", FORMATS)
async def test_while_the_database_is_away_it_is_a_problem(empty_database_url: str, format_: str) -> None:
    for url in (NOWHERE, empty_database_url):
        async with served(app_of(url)) as client:
            answer = await client.get(f"/api/export?format={format_}")
            assert answer.status_code == 503
            assert answer.json()["title"] == "database away"
            assert "retry-after" in answer.headers


@pytest.mark.parametrize("format_", FORMATS)
async def test_what_goes_wrong_with_a_row_is_a_problem_and_no_file(
    client: httpx.AsyncClient, writer: asyncpg.Connection, format_: str
) -> None:
    await writer.execute(
        """
        create or replace function service_tokens_at(as_of timestamptz) returns setof service_tokens
        language plpgsql stable as $$ begin perform 1 / 0; end $$
        """
    )
    answer = await client.get(f"/api/export?format={format_}")
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")


async def test_ten_run_at_once_and_the_eleventh_is_told_when_to_come_back(
    client: httpx.AsyncClient, writer: asyncpg.Connection, endless: None
) -> None:
    async def hold(format_: str) -> None:
        async with client.stream("GET", f"/api/export?format={format_}") as answer:
            assert answer.status_code == 200
            chunks = answer.aiter_bytes()  # kept, since httpx ends an answer whose chunks nobody holds
            await anext(chunks)
            begun.release()
            await over.wait()

    begun, over = asyncio.Semaphore(0), asyncio.Event()
    async with asyncio.timeout(60), asyncio.TaskGroup() as clients:
        for format_ in [*FORMATS, *FORMATS, "xlsx", "parquet"]:
            clients.create_task(hold(format_))
        for _ in range(10):
            await begun.acquire()
        refused = await client.get("/api/export")
        assert (refused.status_code, refused.json()["title"]) == (503, "too many exports")
        assert "retry-after" in refused.headers
        assert (await client.get("/api/columns")).status_code == 200
        over.set()
    await _until_all_is_gone(writer)
    assert (await client.get("/healthz")).status_code == 200


async def test_its_process_ends_with_the_one_that_started_it(
    database_url: str, writer: asyncpg.Connection, asleep: None
) -> None:
    asked = read_export_request([("format", "xlsx")], AllOrganizations(), microseconds(NOW), PACIFIC)
    script = (
        "import asyncio, pickle, sys\n"
        "from projections.export.apart import Task, write_export_apart\n"
        "task = pickle.loads(sys.stdin.buffer.read())\n"
        "async def write(chunk): pass\n"
        "asyncio.run(write_export_apart(*task, write))\n"
    )
    starter = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE)
    assert starter.stdin is not None
    starter.stdin.write(pickle.dumps(Task(database_url, asked)))
    starter.stdin.close()
    async with asyncio.timeout(30):
        while not await writer.fetchval(f"select count(*) {_EXPORTS}"):
            await asyncio.sleep(0.05)
    [process] = psutil.Process(starter.pid).children()
    starter.kill()
    starter.wait()
    async with asyncio.timeout(10):
        while process.is_running():
            await asyncio.sleep(0.05)


_EXPORTS = (
    "from pg_stat_activity where query like 'COPY%' and state = 'active' and datname = current_database()"
)


def _processes() -> list[psutil.Process]:
    found = []
    for child in psutil.Process().children():
        try:
            if "projections.export.apart_process" in child.cmdline():
                found.append(child)
        except (psutil.NoSuchProcess, psutil.ZombieProcess):
            continue
    return found


async def _receive(chunks: AsyncIterator[bytes]) -> None:
    async with asyncio.timeout(20):
        async for _ in chunks:
            pass


async def _until_all_is_gone(writer: asyncpg.Connection) -> None:
    async with asyncio.timeout(20):
        while _processes() or await writer.fetchval(f"select count(*) {_EXPORTS}"):
            await asyncio.sleep(0.05)
