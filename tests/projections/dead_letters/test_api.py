"""Dead letters over HTTP, on a real server, broker and database."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import jsonschema
import pytest

from projections.http import credentials
from projections.query.scope import Organizations
from tests import events
from tests.projections.dead_letters.conftest import Hands, Letters
from tests.projections.read.serving import app_of, served
from tests.projections.recorder import stored
from tests.reference import rules
from tests.reference.histories import ZONE
from tokens.settings import Settings

ORDER = events.order(["T1"])
WRONG = events.encoded(events.with_data(ORDER, order_date="soon"))
EVENT_TYPE = {"content-type": "application/cloudevents+json; charset=utf-8"}


@pytest.fixture
async def client(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    assert settings.database_url is not None
    assert settings.kafka is not None
    async with served(app_of(settings.database_url, kafka=settings.kafka)) as client:
        yield client


def problem(answer: httpx.Response, status: int, kind: str = "about:blank") -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = dict(answer.json())
    assert body["type"].removeprefix("urn:problem-type:service-tokens:") == kind
    return body


async def test_from_the_list_to_the_fix(client: httpx.AsyncClient, letters: Letters, hands: Hands) -> None:
    number = await letters.made_of(WRONG)
    await letters.made_of(b"\xff")
    page = (await client.get("/api/dead-letters", params={"rule": "not_date", "topic": "orders"})).json()
    assert page["next"] is None
    [listed] = page["dead_letters"]
    assert (listed["dead_letter"], listed["pointer"], listed["state"]) == (number, "/data/order_date", "open")
    shown = (await client.get(f"/api/dead-letters/{number}")).json()
    assert shown["value"] == {"text": WRONG.decode()}
    assert {name: shown[name] for name in listed} == listed
    assert (await client.get(f"/api/dead-letters/{number + 1}")).json()["value"] == {"base64": "/w=="}
    done = await client.post(
        f"/api/dead-letters/{number}/requeue", content=events.encoded(ORDER), headers=EVENT_TYPE
    )
    assert done.status_code == 200
    assert (done.json()["state"], done.json()["edited"]) == ("requeued", True)
    assert done.json()["requeued_to"]["offset"] >= 0
    await letters.recorded()
    assert await stored.difference(hands, rules.history_of([ORDER], ZONE)) is None
    page = (await client.get("/api/dead-letters", params={"limit": 1})).json()
    assert [each["dead_letter"] for each in page["dead_letters"]] == [number + 1]


async def test_as_it_was_and_once_more_only_when_asked(client: httpx.AsyncClient, letters: Letters) -> None:
    number = await letters.made_of(b"{")
    assert (await client.post(f"/api/dead-letters/{number}/requeue")).json()["edited"] is False
    refused = await client.post(f"/api/dead-letters/{number}/requeue")
    assert "was requeued at" in problem(refused, 409, "dead-letter-not-open")["detail"]
    again = await client.post(f"/api/dead-letters/{number}/requeue?again=true")
    assert again.status_code == 200
    await letters.recorded()
    assert [letter.state for letter in await letters.all()] == ["open", "open", "requeued"]


async def test_a_discard_wants_a_reason(client: httpx.AsyncClient, letters: Letters) -> None:
    number = await letters.made_of(b"{")
    url = f"/api/dead-letters/{number}/discard"
    bodies: list[object] = [{}, {"reason": ""}, {"reason": " "}, {"reason": 1}, {"reason": "x" * 501}]
    for body in [*bodies, {"reason": "a\u0000b"}, {"reason": "a\nb"}, {"reason": "x", "y": 1}, ["x"], None]:
        problem(await client.post(url, json=body), 422)
    problem(await client.post(url), 422)
    problem(await client.post(url, content=b"{", headers={"content-type": "application/json"}), 422)
    done = await client.post(url, json={"reason": "ein Test, später"})
    assert (done.json()["state"], done.json()["reason"]) == ("discarded", "ein Test, später")
    problem(await client.post(url, json={"reason": "x"}), 409, "dead-letter-not-open")
    assert (await client.get("/api/dead-letters")).json()["dead_letters"] == []
    assert len((await client.get("/api/dead-letters?state=discarded")).json()["dead_letters"]) == 1


async def test_a_correction_that_is_wrong_is_refused_with_its_rule(
    client: httpx.AsyncClient, letters: Letters
) -> None:
    number = await letters.made_of(b"{")
    url = f"/api/dead-letters/{number}/requeue"
    wrong = problem(await client.post(url, content=WRONG, headers=EVENT_TYPE), 422, "wrong-event")
    assert (wrong["rule"], wrong["pointer"]) == ("not_date", "/data/order_date")
    problem(await client.post(url, content=WRONG, headers={"content-type": "text/plain"}), 415)
    problem(await client.post(url, content=WRONG), 415)
    large = await client.post(url, content=b" " * (4 * 1024 * 1024 + 1), headers=EVENT_TYPE)
    problem(large, 413)
    assert [letter.state for letter in await letters.all()] == ["open"]


async def test_letters_that_are_not_there(client: httpx.AsyncClient, letters: Letters) -> None:
    for number in ("1", "0", "x", "-1", "9" * 30, "1.0", "%EF%BC%91"):
        problem(await client.get(f"/api/dead-letters/{number}"), 404, "unknown-dead-letter")
        problem(await client.post(f"/api/dead-letters/{number}/requeue"), 404, "unknown-dead-letter")
        refused = await client.post(f"/api/dead-letters/{number}/discard", json={"reason": "x"})
        problem(refused, 404, "unknown-dead-letter")


async def test_wrong_parameters_are_named(client: httpx.AsyncClient) -> None:
    for url in ("/api/dead-letters?rule=x", "/api/dead-letters?what=x", "/api/dead-letters/1?x=1"):
        assert problem(await client.get(url), 422, "wrong-parameter")["errors"]
    for url in ("/api/dead-letters/1/requeue?again=yes", "/api/dead-letters/1/discard?again=true"):
        assert problem(await client.post(url), 422, "wrong-parameter")["errors"]


async def test_a_page_of_another_site_settles_nothing(client: httpx.AsyncClient, letters: Letters) -> None:
    number = await letters.made_of(b"{")
    evil = {"origin": "http://evil.example"}
    problem(await client.post(f"/api/dead-letters/{number}/requeue", headers=evil), 403, "not-for-all")
    discard = f"/api/dead-letters/{number}/discard"
    problem(await client.post(discard, json={"reason": "x"}, headers=evil), 403, "not-for-all")
    problem(await client.post(discard, json={"reason": "x"}, headers={"origin": "null"}), 403, "not-for-all")
    own = {"origin": str(client.base_url).rstrip("/")}
    assert (await client.post(discard, json={"reason": "x"}, headers=own)).status_code == 200


async def test_one_organization_sees_none_of_them(
    client: httpx.AsyncClient, letters: Letters, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await letters.made_of(b"{")
    scope = Organizations(frozenset({"ORG-1"}))
    monkeypatch.setattr(credentials, "organizations_in_scope", lambda _: scope)
    for url in ("/api/dead-letters", f"/api/dead-letters/{number}"):
        problem(await client.get(url), 403, "not-for-all")
    problem(await client.post(f"/api/dead-letters/{number}/requeue"), 403, "not-for-all")
    refused = await client.post(f"/api/dead-letters/{number}/discard", json={"reason": "x"})
    problem(refused, 403, "not-for-all")
    assert [letter.state for letter in await letters.all()] == ["open"]


async def test_without_a_broker_nothing_is_requeued(settings: Settings, letters: Letters) -> None:
    assert settings.database_url is not None
    number = await letters.made_of(b"{")
    for app in (app_of(settings.database_url), app_of(settings.database_url, kafka="127.0.0.1:1")):
        async with served(app) as client:
            refused = await client.post(f"/api/dead-letters/{number}/requeue")
            assert "Kafka" in problem(refused, 503, "kafka-away")["detail"]
            assert refused.headers["retry-after"] == "5"
    assert [letter.state for letter in await letters.all()] == ["open"]


async def test_of_two_requests_at_once_one_settles(client: httpx.AsyncClient, letters: Letters) -> None:
    number = await letters.made_of(b"{")
    url = f"/api/dead-letters/{number}/requeue"
    answers = await asyncio.gather(*(client.post(url) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    await letters.recorded()
    assert len(await letters.all()) == 2


async def test_the_openapi_document_describes_what_comes(client: httpx.AsyncClient, letters: Letters) -> None:
    number = await letters.made_of(b"{")
    await client.post(f"/api/dead-letters/{number}/requeue")
    await letters.recorded()
    document = (await client.get("/openapi.json")).json()
    calls = [
        ("get", "/api/dead-letters", "?state=all", "200"),
        ("get", "/api/dead-letters", "?state=x", "422"),
        ("get", "/api/dead-letters/{dead_letter}", "", "200"),
        ("post", "/api/dead-letters/{dead_letter}/requeue", "", "409"),
        ("post", "/api/dead-letters/{dead_letter}/requeue", "?again=true", "200"),
        ("post", "/api/dead-letters/{dead_letter}/discard", "", "422"),
    ]
    for method, path, query, status in calls:
        answer = await client.request(method, path.format(dead_letter=number) + query)
        assert str(answer.status_code) == status
        [(media_type, content)] = document["paths"][path][method]["responses"][status]["content"].items()
        assert answer.headers["content-type"] == media_type
        schema = {**content["schema"], "components": document["components"]}
        jsonschema.Draft202012Validator(schema).validate(answer.json())
