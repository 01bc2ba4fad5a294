"""`POST /api/events` on a real broker, with a worker behind it."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx
import pytest

import projections.http.events
from projections.http import credentials
from projections.publishing.message import Outgoing
from projections.query.scope import Organizations
from projections.writing.gateway import BATCH_CONTENT_TYPE, MAX_BODY_BYTES, messages_of
from tests import events
from tests.lifecycle.consumer.conftest import Start, sql, start
from tests.projections.recorder import stored
from tests.projections.writing.api import ends, problem, serving
from tests.reference import rules
from tests.reference.histories import ZONE
from tokens.settings import Settings

__all__ = ["sql", "start"]

ONE = {"content-type": "application/cloudevents+json"}
BATCH = {"content-type": BATCH_CONTENT_TYPE}


@pytest.fixture
async def client(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(settings) as client:
        yield client


async def test_an_event_is_on_its_topic_when_the_answer_comes(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    order = events.order(["T1"])
    answer = await client.post("/api/events", content=events.encoded(order), headers=ONE)
    assert answer.status_code == 202
    [event] = answer.json()["events"]
    assert (event["source"], event["id"], event["type"]) == (order["source"], order["id"], order["type"])
    assert event["topic"] == settings.topic("orders")
    assert await ends(settings) == {("orders", event["partition"]): event["offset"] + 1}
    assert (answer.json()["shown"], event["dead_letter"]) == (False, None)


async def test_what_comes_over_http_leads_to_the_same_report(
    client: httpx.AsyncClient, start: Start, sql: asyncpg.Connection
) -> None:
    await start()
    story = [
        events.order(["T1", "T2"]),
        events.shipped(["T1"]),
        events.applied("T1", "S1"),
        events.activated("S1"),
        events.transferred(["T2"]),
    ]
    first, *rest = story
    binary = {f"ce-{name}": first[name] for name in ("specversion", "id", "source", "type", "time")}
    assert (await client.post("/api/events", json=first["data"], headers=binary)).status_code == 202
    answer = await client.post("/api/events?wait=30", content=json.dumps(rest), headers=BATCH)
    assert answer.status_code == 200, answer.text
    assert answer.json()["shown"] is True
    assert [event["id"] for event in answer.json()["events"]] == [event["id"] for event in rest]
    again = await client.post("/api/events?wait=true", content=json.dumps(story), headers=BATCH)
    assert [event["dead_letter"] for event in again.json()["events"]] == [None] * 5
    assert await stored.difference(sql, rules.history_of(story, ZONE)) is None


async def test_one_who_waits_hears_of_a_dead_letter(client: httpx.AsyncClient, start: Start) -> None:
    await start()
    order = events.order(["T1"])
    await client.post("/api/events?wait=30", content=events.encoded(order), headers=ONE)
    other = events.encoded(events.with_data(order, org_id="ORG-9"))
    answer = await client.post("/api/events?wait=30", content=other, headers=ONE)
    [event] = answer.json()["events"]
    letter = (await client.get(f"/api/dead-letters/{event['dead_letter']}")).json()
    assert letter["rule"] == "other_content"


async def test_nobody_waits_longer_than_was_said(client: httpx.AsyncClient) -> None:
    """No worker runs here."""
    answer = await client.post(
        "/api/events?wait=1", content=events.encoded(events.order(["T1"])), headers=ONE
    )
    assert (answer.status_code, answer.json()["shown"]) == (202, False)


async def test_with_one_wrong_event_nothing_is_published(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    order, late = events.order(["T1"]), events.with_data(events.order(["T2"]), order_date="soon")
    answer = await client.post("/api/events", content=json.dumps([order, late]), headers=BATCH)
    body = problem(answer, 422, "wrong-event")
    assert body["detail"] == "nothing was published: 1 of 2 events are wrong"
    [error] = body["errors"]
    assert (error["index"], error["rule"], error["pointer"]) == (1, "not_date", "/data/order_date")
    assert (error["source"], error["id"]) == (late["source"], late["id"])
    assert "write a date as YYYY-MM-DD" in error["message"]
    not_json = problem(await client.post("/api/events", content="[", headers=BATCH), 422, "wrong-body")
    assert [error["rule"] for error in not_json["errors"]] == ["not_json"]
    assert await ends(settings) == {}


async def test_what_is_not_taken(client: httpx.AsyncClient, settings: Settings) -> None:
    value = events.encoded(events.order(["T1"]))
    text = await client.post("/api/events", content=value, headers={"content-type": "text/plain"})
    assert "application/cloudevents+json" in problem(text, 415)["detail"]
    problem(await client.post("/api/events", content=value), 415)
    large = await client.post("/api/events", content=b" " * (MAX_BODY_BYTES + 1), headers=BATCH)
    problem(large, 413)
    wait = await client.post("/api/events?wait=61&x=1", content=value, headers=ONE)
    assert [error["parameter"] for error in problem(wait, 422, "wrong-parameter")["errors"]] == ["x", "wait"]
    for wrong in ("-1", "1.5", "yes", "", "1000"):
        problem(
            await client.post(f"/api/events?wait={wrong}", content=value, headers=ONE), 422, "wrong-parameter"
        )
    assert await ends(settings) == {}


async def test_it_is_not_for_a_page_of_another_site(client: httpx.AsyncClient, settings: Settings) -> None:
    value = events.encoded(events.order(["T1"]))
    for origin in ("http://evil.example", "null"):
        refused = await client.post("/api/events", content=value, headers={**ONE, "origin": origin})
        problem(refused, 403, "not-for-all")
    assert await ends(settings) == {}
    own = {**ONE, "origin": str(client.base_url).rstrip("/")}
    assert (await client.post("/api/events", content=value, headers=own)).status_code == 202


async def test_it_is_for_those_who_see_all_organizations(
    client: httpx.AsyncClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(credentials, "organizations_in_scope", lambda _: Organizations(frozenset({"ORG-1"})))
    value = events.encoded(events.order(["T1"]))
    problem(await client.post("/api/events", content=value, headers=ONE), 403, "not-for-all")
    assert await ends(settings) == {}


async def test_without_a_broker(settings: Settings) -> None:
    value = events.encoded(events.order(["T1"]))
    for kafka in (None, "127.0.0.1:1"):
        async with serving(settings, kafka=kafka) as client:
            refused = await client.post("/api/events", content=value, headers=ONE)
            assert "Kafka" in problem(refused, 503, "kafka-away")["detail"]
            assert refused.headers["retry-after"] == "5"


async def test_what_the_broker_does_not_take_is_named(settings: Settings) -> None:
    """Without its topics the broker takes nothing, and must not make them anew."""
    async with serving(settings, topic_prefix="nobody-made-these.") as client:
        refused = await client.post("/api/events", content=events.encoded(events.order(["T1"])), headers=ONE)
    body = problem(refused, 503, "kafka-away")
    assert body["published"] == []
    assert body["missing"] == [{"index": 0, "message": "Kafka has no topic nobody-made-these.orders"}]


async def test_many_at_once(client: httpx.AsyncClient, settings: Settings) -> None:
    answers = await asyncio.gather(
        *(
            client.post("/api/events", content=events.encoded(events.applied(f"T{number}")), headers=ONE)
            for number in range(60)
        )
    )
    assert {answer.status_code for answer in answers} == {202}
    places = {
        (event["partition"], event["offset"]) for answer in answers for event in answer.json()["events"]
    }
    assert len(places) == 60 == sum((await ends(settings)).values())


async def test_others_are_served_while_a_large_batch_is_read(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, answered = threading.Event(), threading.Event()

    def read_slowly(*given: Any) -> list[Outgoing]:
        reading.set()
        assert answered.wait(30), "the loop was blocked meanwhile"
        return messages_of(*given)

    monkeypatch.setattr(projections.http.events, "messages_of", read_slowly)
    value = events.encoded(events.order(["T1"]))
    sending = asyncio.create_task(client.post("/api/events", content=value, headers=ONE))
    await asyncio.to_thread(reading.wait, 30)
    assert (await client.get("/healthz")).status_code == 200
    answered.set()
    assert (await sending).status_code == 202
