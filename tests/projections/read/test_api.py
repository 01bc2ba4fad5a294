"""The calls of the API, on a real server and a real database."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import asyncpg
import httpx
import jsonschema
import pytest

from projections.columns import COLUMNS, STANDARD_COLUMNS
from tests.projections.read.conftest import NOW
from tests.projections.read.serving import app_of, served
from tests.projections.read.stored import KEYS, store, token

Primitive = str | int | float | bool | None


@pytest.fixture
async def client(database_url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with served(app_of(database_url)) as client:
        yield client


@pytest.fixture(autouse=True)
async def tokens(writer: asyncpg.Connection) -> None:
    await store(
        writer,
        token("A", NOW, term_years=3, order_date=date(2026, 3, 2), description="Ä\n\"\u2028'<b>"),
        token("B", NOW, anomalies=["order_missing"], org_id="ORG"),
        token("C", NOW),
    )


async def test_a_page_of_the_report(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/tokens", params={"limit": 2})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "private, no-cache"
    body = answer.json()
    assert list(body) == ["rows", "next"]
    first, second = body["rows"]
    assert list(first) == KEYS
    assert (first["token_serial"], first["term_years"], first["order_date"]) == ("A", 3, "2026-03-02")
    assert (first["description"], first["status"], first["station_serial"]) == (
        "Ä\n\"\u2028'<b>",
        "New",
        None,
    )
    assert (second["token_serial"], second["org_id"]) == ("B", "ORG")
    rest = await client.get("/api/tokens", params={"after": body["next"]})
    assert [row["token_serial"] for row in rest.json()["rows"]] == ["C"]
    assert rest.json()["next"] is None


async def test_columns_count_filters_and_sort(client: httpx.AsyncClient) -> None:
    params: list[tuple[str, Primitive]] = [
        ("columns", "anomalies,token_serial"),
        ("count", "true"),
        ("filter", "description:is_empty"),
        ("filter", "status:is:new"),
        ("sort", "-token_serial"),
    ]
    body = (await client.get("/api/tokens", params=params)).json()
    assert body == {
        "rows": [
            {"anomalies": [], "token_serial": "C"},
            {"anomalies": ["order_missing"], "token_serial": "B"},
        ],
        "next": None,
        "count": 2,
    }


async def test_a_plus_is_a_blank_and_percent_is_decoded_once(client: httpx.AsyncClient) -> None:
    for query in ("filter=description:contains:%C3%A4%0A%22", "filter=token_serial%3Ais%3AA"):
        body = (await client.get(f"/api/tokens?{query}")).json()
        assert [row["token_serial"] for row in body["rows"]] == ["A"]
    assert (await client.get("/api/tokens?filter=description:contains:%25C3")).json()["rows"] == []
    assert (await client.get("/api/tokens?as_of=2026-06-01T00:00:00%2B00:00")).status_code == 200
    refused = await client.get("/api/tokens?as_of=2026-06-01T00:00:00+00:00")
    assert refused.status_code == 422
    assert "%2B" in refused.json()["detail"]


async def test_the_columns_say_how_they_are_filtered(client: httpx.AsyncClient) -> None:
    described = (await client.get("/api/columns")).json()["columns"]
    assert [each["key"] for each in described] == [column.key for column in COLUMNS]
    by_key = {each["key"]: each for each in described}
    assert by_key["activation_date"]["title"] == "Activation Date (Pacific Time)"
    assert by_key["term_years"]["type"] == "number"
    assert by_key["status"]["values"] == ["New", "Available", "Active", "Expired"]
    assert "order_missing" in by_key["anomalies"]["values"]
    assert (by_key["anomalies"]["standard"], by_key["status"]["standard"]) == (False, True)
    assert by_key["order_date"]["operators"] == [
        *("contains", "does_not_contain", "is", "is_not", "in", "before", "after", "is_empty", "is_not_empty")
    ]
    assert (await client.get("/api/columns?x=1")).status_code == 422


async def test_an_export_is_a_file(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/export", params={"format": "csv", "columns": "token_serial,order_date"})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/csv; charset=utf-8")
    assert (
        answer.headers["content-disposition"] == 'attachment; filename="service-tokens-20260601T000000Z.csv"'
    )
    assert answer.text == "Token S/N,Order Date\r\nA,2026-03-02\r\nB,\r\nC,\r\n"
    everything = await client.get("/api/export")
    assert everything.text.split("\r\n")[0].count(",") == len(STANDARD_COLUMNS) - 1


WRONG = [
    ("/api/tokens?limit=0", {"limit"}),
    ("/api/tokens?limit=1&limit=2", {"limit"}),
    ("/api/tokens?sort=x&columns=y&match=z&filter=f&as_of=n&count=m&after=AAAA", set("")),
    ("/api/tokens?after=AAAA", {"after"}),
    ("/api/tokens?nope=1", {"nope"}),
    ("/api/tokens?=1", {""}),
    ("/api/tokens?filter=part_number:contains:%00", {"filter"}),
    ("/api/tokens?filter=part_number:contains:%FF", {"filter"}),
    ("/api/tokens?filter=part_number:contains:%ED%A0%80", {"filter"}),
    ("/api/tokens?fi%FFlter=1", {"filter"}),
    ("/api/tokens?%00=%00", {"\0"}),
    ("/api/export?limit=1&after=x&count=true", {"limit", "after", "count"}),
    ("/api/export?format=pdf", {"format"}),
    ("/api/columns?columns=status", {"columns"}),
]


@pytest.mark.parametrize(("path", "parameters"), WRONG)
async def test_wrong_parameters_are_problems(
    client: httpx.AsyncClient, path: str, parameters: set[str]
) -> None:
    answer = await client.get(path)
    problem = _problem(answer, 422)
    assert problem["type"] == "urn:problem-type:service-tokens:wrong-parameter"
    named = {error["parameter"] for error in problem["errors"]}
    if "%FF" not in path and "%ED" not in path and parameters:
        assert named == parameters
    assert all(error["message"] in problem["detail"] for error in problem["errors"])


async def test_unknown_paths_and_methods_are_problems(client: httpx.AsyncClient) -> None:
    assert "/api/nope" in _problem(await client.get("/api/nope"), 404)["detail"]
    assert "/api/tokens/" in _problem(await client.get("/api/tokens/"), 404)["detail"]
    refused = await client.post("/api/tokens", content=b"x")
    assert "GET" in _problem(refused, 405)["detail"]
    assert refused.headers["allow"] == "GET"


async def test_a_failure_of_ours_is_a_problem_that_tells_no_secret(
    client: httpx.AsyncClient, writer: asyncpg.Connection
) -> None:
    # As if a migration had gone wrong.
    await writer.execute(
        "drop function service_tokens_at; drop view service_tokens; drop view token_periods cascade"
    )
    await writer.execute("alter table tokens alter column term_years type text")
    await writer.execute(
        "create function service_tokens_at(timestamptz) returns table (token_serial integer) "
        "language sql as 'select 1 / 0'"
    )
    problem = _problem(await client.get("/api/tokens?columns=token_serial"), 500)
    assert problem["detail"] == "the service failed; its log says why"


async def test_requests_are_counted_by_route(client: httpx.AsyncClient) -> None:
    await client.get("/api/tokens")
    await client.get("/api/tokens?limit=0")
    await client.get("/api/somewhere")
    await client.request("SPLINES", "/api/tokens")
    metrics = (await client.get("/metrics")).text
    assert 'tokens_api_requests_total{method="GET",route="/api/tokens",status="200"} 1.0' in metrics
    assert 'tokens_api_requests_total{method="GET",route="/api/tokens",status="422"} 1.0' in metrics
    assert 'tokens_api_requests_total{method="GET",route="none",status="404"} 1.0' in metrics
    assert "SPLINES" not in metrics
    assert "somewhere" not in metrics
    assert 'tokens_api_request_seconds_count{route="/api/tokens"} ' in metrics
    assert "\nprocess_cpu_seconds_total " in metrics


async def test_the_openapi_document_describes_what_comes(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    paths = document["paths"]
    names = [parameter["name"] for parameter in paths["/api/tokens"]["get"]["parameters"]]
    asked = ["filter", "match", "columns", "sort", "as_of", "limit", "after", "count"]
    assert names == [*asked, "If-None-Match"]
    names = [parameter["name"] for parameter in paths["/api/export"]["get"]["parameters"]]
    assert names == ["format", "filter", "match", "columns", "sort", "as_of", "header", "raw"]
    calls = [
        ("/api/tokens", "", "200"),
        ("/api/tokens", "?columns=all,anomalies&count=true&limit=1", "200"),
        ("/api/tokens", "?limit=x", "422"),
        ("/api/columns", "", "200"),
        ("/api/summary", "?filter=status:is:New", "200"),
        ("/api/summary", "?columns=status", "422"),
        ("/api/diff", "?from=2026-05-31T00:00:00Z&count=true", "200"),
        ("/api/diff", "", "422"),
        ("/api/columns", "?x", "422"),
        ("/api/export", "?limit=x", "422"),
        ("/healthz", "", "200"),
        ("/readyz", "", "200"),
    ]
    for path, query, status in calls:
        answer = await client.get(path + query)
        assert str(answer.status_code) == status
        [(media_type, content)] = paths[path]["get"]["responses"][status]["content"].items()
        assert answer.headers["content-type"] == media_type
        schema = {**content["schema"], "components": document["components"]}
        jsonschema.Draft202012Validator(schema).validate(answer.json())


async def test_examples_in_the_openapi_document_are_right(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    for path in ("/api/tokens", "/api/export"):
        for parameter in document["paths"][path]["get"]["parameters"]:
            if parameter["in"] == "query" and "example" in parameter:
                example = parameter["example"]
                jsonschema.validate(example, parameter["schema"])
                text = example[0] if isinstance(example, list) else str(example).replace("True", "true")
                answer = await client.get(path, params={parameter["name"]: text})
                assert answer.status_code == 200, parameter["name"]
    page = document["paths"]["/api/tokens"]["get"]["responses"]["200"]["content"]["application/json"][
        "schema"
    ]
    jsonschema.Draft202012Validator({**page, "components": document["components"]}).validate(page["example"])


def _problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert {"type", "title", "detail"} < set(problem)
    return dict(problem)
