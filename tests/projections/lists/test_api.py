"""The calls that list stations and order lines, on a real server and a real database."""

import csv
import io
import json
from collections.abc import AsyncIterator

import httpx
import jsonschema
import pytest

from projections.export.formats import Format
from projections.listings import LISTINGS
from tests import events
from tests.projections.lists.conftest import Record
from tests.projections.read.serving import app_of, served

PATHS = {"stations": "/api/stations", "orders": "/api/orders"}


@pytest.fixture
async def client(database_url: str, record: Record) -> AsyncIterator[httpx.AsyncClient]:
    for number in range(1, 4):
        serial = f"T{number}"
        await record(
            events.order([serial], sales_order=f"SO-{number}"),
            events.applied(serial, f"S{number}"),
            events.activated(f"S{number}"),
        )
    async with served(app_of(database_url)) as client:
        yield client


@pytest.mark.parametrize("name", PATHS)
async def test_pages_together_are_the_whole_list(name: str, client: httpx.AsyncClient) -> None:
    listing = LISTINGS[name]
    whole = (await client.get(PATHS[name], params={"count": "true"})).json()
    assert (whole["count"], whole["next"], len(whole["rows"])) == (3, None, 3)
    assert list(whole["rows"][0]) == [column.key for column in listing.standard_columns]
    for sort in (None, *(sign + key for key in listing.keys for sign in ("", "-"))):
        given = {"columns": listing.key, "limit": "2", **({} if sort is None else {"sort": sort})}
        first = (await client.get(PATHS[name], params=given)).json()
        rest = (await client.get(PATHS[name], params={**given, "after": first["next"]})).json()
        keys = [row[listing.key] for row in (*first["rows"], *rest["rows"])]
        assert (sorted(set(keys)), rest["next"]) == (sorted(keys), None)
        assert len(keys) == 3


@pytest.mark.parametrize("name", PATHS)
async def test_an_answer_that_one_has_is_not_sent_again(name: str, client: httpx.AsyncClient) -> None:
    first = await client.get(PATHS[name])
    again = await client.get(PATHS[name], headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("name", PATHS)
async def test_a_wrong_column_is_refused_with_those_of_the_list(name: str, client: httpx.AsyncClient) -> None:
    answer = await client.get(PATHS[name], params={"filter": "expiration_date:is:2026-01-01"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["allowed"] == list(LISTINGS[name].keys)


async def test_a_wrong_coverage_is_refused_with_those_that_exist(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/stations", params={"filter": "coverage:is:Perhaps"})
    assert answer.json()["errors"][0]["allowed"] == ["Gap", "Waiting", "Covered", "Unused"]


async def test_a_cursor_of_another_list_is_refused(client: httpx.AsyncClient) -> None:
    cursor = (await client.get("/api/stations", params={"limit": "1"})).json()["next"]
    answer = await client.get("/api/orders", params={"after": cursor})
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (422, "after")


@pytest.mark.parametrize("name", LISTINGS)
async def test_the_columns_of_each_list_are_told(name: str, client: httpx.AsyncClient) -> None:
    told = (await client.get("/api/columns", params={"listing": name})).json()["columns"]
    assert [each["key"] for each in told] == list(LISTINGS[name].keys)


async def test_a_list_that_does_not_exist_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/columns", params={"listing": "letters"})
    assert answer.json()["errors"][0]["allowed"] == ["tokens", "stations", "orders"]


@pytest.mark.parametrize("name", PATHS)
async def test_the_openapi_document_describes_rows_and_sort_orders(
    name: str, client: httpx.AsyncClient
) -> None:
    document = (await client.get("/openapi.json")).json()
    call = document["paths"][PATHS[name]]["get"]
    schema = call["responses"]["200"]["content"]["application/json"]["schema"]
    resolver = {"components": document["components"], **schema}
    page = (await client.get(PATHS[name], params={"columns": ",".join(LISTINGS[name].keys)})).json()
    jsonschema.Draft202012Validator(resolver).validate(page)
    jsonschema.Draft202012Validator(resolver).validate(schema["example"])
    [sort] = [each["schema"] for each in call["parameters"] if each["name"] == "sort"]
    assert sort["enum"] == [sign + key for key in LISTINGS[name].keys for sign in ("", "-")]


@pytest.mark.parametrize("name", PATHS)
async def test_a_list_is_exported_whole_in_each_format(name: str, client: httpx.AsyncClient) -> None:
    listing = LISTINGS[name]
    answer = await client.get(f"{PATHS[name]}/export", params={"columns": f"all,{listing.columns[-1].key}"})
    assert answer.headers["content-disposition"].startswith(f'attachment; filename="{name}-')
    head, *rows = csv.reader(io.StringIO(answer.text, newline=""))
    assert head == [column.title_in("Pacific Time") for column in listing.columns]
    assert len(rows) == 3
    for format_ in Format:
        answer = await client.get(f"{PATHS[name]}/export", params={"format": format_})
        assert answer.status_code == 200, answer.text
        assert answer.content
    lines = (await client.get(f"{PATHS[name]}/export", params={"format": "jsonl"})).text.splitlines()
    page = (await client.get(PATHS[name])).json()
    assert [json.loads(line) for line in lines] == page["rows"]
