"""`POST /api/transfers` and `POST /api/applications` on a real broker, with a worker behind them."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx
import jsonschema
import pytest

from projections.http import credentials
from projections.query.scope import Organizations
from tests import events
from tests.lifecycle.consumer.conftest import Start, sql, start, topics
from tests.lifecycle.consumer.draining import drained
from tests.lifecycle.consumer.producing import Topics
from tests.projections.writing.api import ends, problem, serving
from tokens.settings import Settings

__all__ = ["sql", "start", "topics"]

TO = {"to_org_id": "ORG-2", "to_org_name": "Two"}
TRANSFERS = "/api/transfers"
APPLICATIONS = "/api/applications"
STORY = [
    events.order(["T1", "T2", "T3"]),
    events.order(["T4"], sales_order="SO-4", org_id="ORG-4", org_name="Four"),
    events.shipped(["T1", "T2"]),
    events.applied("T2", "S1", station_name="Bay 1"),
    events.activated("S1"),
]


@pytest.fixture
async def client(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(settings) as client:
        yield client


@pytest.fixture
async def known(topics: Topics, start: Start, settings: Settings) -> None:
    """The story is recorded, and a worker runs."""
    await start()
    topics.send(*STORY)
    await drained(settings)


async def row(client: httpx.AsyncClient, serial: str) -> dict[str, Any]:
    answer = await client.get("/api/tokens", params={"filter": f"token_serial:is:{serial}", "columns": "all"})
    [found] = answer.json()["rows"]
    return dict(found)


async def test_from_the_dry_run_to_the_report_and_back(client: httpx.AsyncClient, known: None) -> None:
    body = {"token_serials": ["T1", "T9", "T4", "T2"], **TO}
    looked = (await client.post(f"{TRANSFERS}?dry_run=true", json=body)).json()
    assert (looked["dry_run"], looked["accepted"], looked["refused"]) == (True, 3, 1)
    assert (looked["events"], looked["shown"]) == ([], None)
    assert (await row(client, "T1"))["org_id"] == "ORG-1"
    written = await client.post(f"{TRANSFERS}?wait=30", json=body)
    assert written.status_code == 200
    answer = written.json()
    assert (answer["dry_run"], answer["accepted"], answer["refused"], answer["shown"]) == (False, 3, 1, True)
    assert [each["token_serial"] for each in answer["results"]] == body["token_serials"]
    assert [each["reason"] for each in answer["results"]] == [None, "unknown_token", None, None]
    assert [event["topic"].rpartition(".")[2] for event in answer["events"]] == ["transfers"] * 2
    ids = [event["id"] for event in answer["events"]]
    assert [each["event_id"] for each in answer["results"]] == [ids[0], None, ids[1], ids[0]]
    for before in looked["results"]:
        if before["outcome"] == "accepted":
            after = await row(client, before["token_serial"])
            assert after == {key: before["after"][key] for key in after}
            assert after["org_name"] == "Two"
    # To undo it: the same tokens, back to whom they came from.
    undo = [
        {
            "token_serial": each["token_serial"],
            "to_org_id": each["from_org_id"],
            "to_org_name": each["from_org_name"],
        }
        for each in answer["results"]
        if each["outcome"] == "accepted"
    ]
    undone = await client.post(f"{TRANSFERS}?wait=30", json={"items": undo})
    assert undone.json()["accepted"] == 3
    assert [(await row(client, serial))["org_name"] for serial in ("T1", "T4")] == ["Organization 1", "Four"]


async def test_an_application_is_shown_as_it_was_foretold(client: httpx.AsyncClient, known: None) -> None:
    items = [
        {
            "token_serial": "T1",
            "station_serial": "S1",
            "station_name": "Bay 1",
            "starts_at": "2030-01-01T08:00:00Z",
        },
        {
            "token_serial": "T2",
            "station_serial": "S2",
            "evse_id": "US*2",
            "applied_at": "2026-06-01T16:00:00Z",
        },
        {"token_serial": "T2", "station_serial": "S3"},
        {"token_serial": "T3", "station_serial": "S3"},
    ]
    looked = (await client.post(f"{APPLICATIONS}?dry_run=true", json={"items": items})).json()
    written = await client.post(f"{APPLICATIONS}?wait=30", json={"items": items})
    assert written.status_code == 200
    results = written.json()["results"]
    assert [each["reason"] for each in results] == [None, None, "repeated_serial", None]
    assert results[0]["term_starts_at"] == "2030-01-01T08:00:00Z"
    assert results[0]["expiration_date"] == "2031-01-01"
    assert [warning["warning"] for warning in results[1]["warnings"]] == ["moves"]
    assert "before" not in results[0]
    for before in looked["results"]:
        if before["outcome"] == "accepted":
            after = await row(client, before["token_serial"])
            assert after == {key: before["after"][key] for key in after}
    assert (await row(client, "T2"))["station_serial"] == "S2"


async def test_a_dry_run_writes_nothing(
    client: httpx.AsyncClient, known: None, settings: Settings, sql: asyncpg.Connection
) -> None:
    before = await ends(settings)
    key = {"idempotency-key": "k"}
    body = {"token_serials": ["T1"], **TO}
    for _ in range(2):
        assert (await client.post(f"{TRANSFERS}?dry_run=true", json=body, headers=key)).status_code == 200
    items = {"items": [{"token_serial": "T1", "station_serial": "S9"}]}
    assert (await client.post(f"{APPLICATIONS}?dry_run=true", json=items, headers=key)).status_code == 200
    assert await ends(settings) == before
    assert await sql.fetchval("select count(*) from kept_answers") == 0


async def test_where_all_is_refused_nothing_is_published(
    client: httpx.AsyncClient, known: None, settings: Settings
) -> None:
    before = await ends(settings)
    answer = await client.post(TRANSFERS, json={"token_serials": ["T9"], **TO})
    assert answer.status_code == 200
    assert (answer.json()["accepted"], answer.json()["events"], answer.json()["shown"]) == (0, [], None)
    assert await ends(settings) == before


async def test_without_waiting_the_broker_has_it(
    client: httpx.AsyncClient, known: None, settings: Settings
) -> None:
    before = await ends(settings)
    answer = await client.post(TRANSFERS, json={"token_serials": ["T1", "T2"], **TO})
    assert (answer.status_code, answer.json()["shown"]) == (202, False)
    [event] = answer.json()["events"]
    place = ("transfers", event["partition"])
    assert await ends(settings) == {**before, place: event["offset"] + 1}
    assert (event["source"], event["type"]) == (
        "urn:servicetokens:api",
        "servicetokens.token.transferred.v1",
    )


@pytest.mark.parametrize("path", [TRANSFERS, APPLICATIONS])
async def test_what_is_wrong_is_named(client: httpx.AsyncClient, path: str, settings: Settings) -> None:
    body = problem(await client.post(path, json={"items": [{"serial": "T1"}]}), 422, "wrong-body")
    wrong = [(error["rule"], error["pointer"]) for error in body["errors"]]
    assert ("missing", "/items/0/token_serial") in wrong
    assert ("unknown_field", "/items/0/serial") in wrong
    problem(
        await client.post(path, content="{", headers={"content-type": "application/json"}), 422, "wrong-body"
    )
    problem(await client.post(path, content="{}", headers={"content-type": "text/plain"}), 415)
    problem(await client.post(path, content="{}"), 415)
    json_type = {"content-type": "application/json"}
    problem(await client.post(path, content=b" " * (4 * 1024 * 1024 + 1), headers=json_type), 413)
    wrong_parameters = await client.post(f"{path}?dry_run=1&wait=soon&x=1", json={})
    errors = problem(wrong_parameters, 422, "wrong-parameter")["errors"]
    assert [error["parameter"] for error in errors] == ["x", "dry_run", "wait"]
    for key in (b"", b'"', b'"a', b'"a"b"', b"a b", b"x" * 256, "ä".encode()):
        refused = await client.post(path, json={}, headers=[(b"idempotency-key", key)])
        [error] = problem(refused, 422, "wrong-parameter")["errors"]
        assert error["parameter"] == "Idempotency-Key"
    twice = await client.post(path, json={}, headers=[("idempotency-key", "a"), ("idempotency-key", "b")])
    problem(twice, 422, "wrong-parameter")
    for origin in ("http://evil.example", "null"):
        problem(await client.post(path, json={}, headers={"origin": origin}), 403, "not-for-all")
    assert await ends(settings) == {}


async def test_ones_own_tokens_alone(
    client: httpx.AsyncClient, known: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(credentials, "organizations_in_scope", lambda _: Organizations(frozenset({"ORG-4"})))
    # Only looked at: once it is recorded, T4 is another's.
    answer = await client.post(f"{TRANSFERS}?dry_run=true", json={"token_serials": ["T1", "T4"], **TO})
    assert [each["reason"] for each in answer.json()["results"]] == ["unknown_token", None]
    items = [{"token_serial": serial, "station_serial": "S9"} for serial in ("T1", "T4")]
    answer = await client.post(APPLICATIONS, json={"items": items})
    assert [each["reason"] for each in answer.json()["results"]] == ["unknown_token", None]


async def test_without_a_broker_all_can_still_be_looked_at(settings: Settings, known: None) -> None:
    body = {"token_serials": ["T1"], **TO}
    for kafka in (None, "127.0.0.1:1"):
        async with serving(settings, kafka=kafka) as client:
            assert (await client.post(f"{TRANSFERS}?dry_run=true", json=body)).json()["accepted"] == 1
            problem(await client.post(TRANSFERS, json=body), 503, "kafka-away")
            if kafka is not None:
                nothing = await client.post(TRANSFERS, json={**body, "token_serials": ["T9"]})
                assert nothing.json()["refused"] == 1, "nobody needs a broker for that"
            problem(
                await client.post(
                    APPLICATIONS, json={"items": [{"token_serial": "T1", "station_serial": "S9"}]}
                ),
                503,
                "kafka-away",
            )


async def test_without_a_database(settings: Settings) -> None:
    async with serving(
        settings.model_copy(update={"database_url": "postgresql://x@127.0.0.1:1/x"})
    ) as client:
        body = {"token_serials": ["T1"], **TO}
        for query in ("", "?dry_run=true"):
            problem(await client.post(TRANSFERS + query, json=body), 503, "database-away")
        keyed = await client.post(TRANSFERS, json=body, headers={"idempotency-key": "k"})
        problem(keyed, 503, "database-away")


async def test_what_the_document_says_is_what_comes(client: httpx.AsyncClient, known: None) -> None:
    document = (await client.get("/openapi.json")).json()
    key = {"idempotency-key": "k"}
    items = {
        "items": [
            {"token_serial": "T1", "station_serial": "S9"},
            {"token_serial": "T9", "station_serial": "S9"},
        ]
    }
    serials = {"token_serials": ["T1", "T9"], **TO}
    calls: list[tuple[str, str, Any, str]] = [
        (TRANSFERS, "?dry_run=true", serials, "200"),
        (TRANSFERS, "", serials, "202"),
        (TRANSFERS, "?wait=30", serials, "200"),
        (TRANSFERS, "", {}, "422"),
        (APPLICATIONS, "?dry_run=true", items, "200"),
        (APPLICATIONS, "", items, "202"),
        (APPLICATIONS, "", [], "422"),
        ("/api/events", "", STORY[0], "202"),
        ("/api/events", "", {}, "422"),
    ]
    for path, query, body, status in calls:
        answer = await client.post(path + query, json=body, headers=key if status == "200" else None)
        assert str(answer.status_code) == status, answer.text
        [(media_type, content)] = document["paths"][path]["post"]["responses"][status]["content"].items()
        assert answer.headers["content-type"] == media_type
        schema = {**content["schema"], "components": document["components"]}
        jsonschema.Draft202012Validator(schema).validate(answer.json())
        if status == "422":
            [body_schema] = [
                declared["schema"]
                for name, declared in document["paths"][path]["post"]["requestBody"]["content"].items()
                if name == "application/json"
            ]
            if path != "/api/events":
                with pytest.raises(jsonschema.ValidationError):
                    jsonschema.validate(body, body_schema)
