"""`GET /api/tokens/{serial}/history`: every recorded fact, whether it counts or not."""

import json
from typing import Any

import asyncpg
import httpx
import jsonschema
import pytest

from projections.explain.history import HistoryRequest, read_history
from projections.explain.unknown import UnknownToken
from projections.query.scope import Organizations
from projections.recorder import PostgresRecorder
from projections.recorder.journal import MESSAGES_A_SEGMENT
from tests import events
from tests.events import Json
from tests.projections.explain.conftest import Record
from tests.projections.recorder.log import Log
from tests.reference.instants import instant

NOW = instant("2026-06-01T00:00:00Z")


async def history(client: httpx.AsyncClient, serial: str = "T1", **params: str | int) -> dict[str, Any]:
    """The answer, held against what the OpenAPI document says of it."""
    answer = await client.get(f"/api/tokens/{serial}/history", params=params)
    assert answer.status_code == 200, answer.text
    document = (await client.get("/openapi.json")).json()
    declared = document["paths"]["/api/tokens/{serial}/history"]["get"]["responses"]["200"]["content"]
    schema = {**declared["application/json"]["schema"], "components": document["components"]}
    jsonschema.Draft202012Validator(schema).validate(answer.json())
    body: dict[str, Any] = answer.json()
    return body


def states(body: dict[str, Any]) -> list[tuple[str, str]]:
    """Each event's id and the state of what it says, in order."""
    return [(fact["id"], said["state"]) for fact in body["facts"] for said in fact["says"]]


async def test_every_fact_has_its_state(client: httpx.AsyncClient, record: Record) -> None:
    dropped = events.order(["T1"], order_date="2026-01-09")
    placed = events.order(["T1"])
    unlisted = events.shipped(["T2"], revision=0)
    shipped = events.shipped(["T1"], revision=1)
    applied = events.applied("T1", "S1")
    boots = [events.activated("S1", at=f"2026-03-0{day}T16:00:00Z") for day in range(3, 9)]
    elsewhere = events.unapplied("T1", station="S7")
    moved = events.transferred(["T1"])
    refused = events.transferred(["T1"], from_org="ORG-3", at="2026-05-02T16:00:00Z")
    returned = [events.returned(["T1"], at=f"2026-09-0{day}T16:00:00Z") for day in (2, 1)]
    others = [events.order(["T3"], sales_order="SO-3"), events.activated("S2"), events.applied("T3", "S2")]
    told = [dropped, placed, unlisted, shipped, applied, *boots, elsewhere, moved, refused, *returned]
    await record(*told, *others)
    await record(events.retracted(boots[0], reason="of another site"))
    body = await history(client)
    assert states(body) == [
        (dropped["id"], "superseded"),
        (placed["id"], "in_force"),
        (unlisted["id"], "superseded"),
        (shipped["id"], "in_force"),
        (applied["id"], "in_force"),
        (boots[0]["id"], "retracted"),
        (boots[1]["id"], "in_force"),
        *((boot["id"], "no_effect") for boot in boots[2:]),
        (elsewhere["id"], "no_effect"),
        (moved["id"], "in_force"),
        (refused["id"], "refused"),
        (returned[0]["id"], "no_effect"),
        (returned[1]["id"], "in_force"),
    ]
    assert body["next"] is None
    facts = {fact["id"]: fact for fact in body["facts"]}
    assert facts[dropped["id"]]["says"][0]["by"]["id"] == placed["id"]
    assert facts[refused["id"]]["says"][0]["reason"] == "not_owner"
    assert facts[boots[0]["id"]]["retracted_by"]["reason"] == "of another site"
    assert facts[placed["id"]]["data"] == placed["data"]
    assert (facts[placed["id"]]["topic"], facts[placed["id"]]["offset"]) == ("orders", 1)


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
async def test_pages_join_to_the_whole(
    limit: int, client: httpx.AsyncClient, recorder: PostgresRecorder, log: Log
) -> None:
    boots = [events.activated("S1", at=f"2026-03-{day:02}T16:00:00Z") for day in range(1, 21)]
    told: list[Json] = [events.applied("T1", "S1"), *boots]
    noise = [events.order([f"N{number}"], sales_order=f"SO-N{number}") for number in range(30)]
    both = [event for pair in zip(told, noise, strict=False) for event in pair]
    for start in range(0, len(both), 8):
        await recorder.record(log.batch(*both[start : start + 8]))
    found: list[str] = []
    after: dict[str, str] = {}
    while True:
        body = await history(client, limit=limit, **after)
        found.extend(fact["id"] for fact in body["facts"])
        assert len(body["facts"]) <= limit
        if body["next"] is None:
            break
        after = {"after": body["next"]}
    assert found == [event["id"] for event in told]


async def test_a_cursor_is_of_one_token(client: httpx.AsyncClient, record: Record) -> None:
    await record(events.order(["T1", "T2"]), events.shipped(["T1", "T2"]))
    cursor = (await history(client, limit=1))["next"]
    assert len((await history(client, after=cursor))["facts"]) == 1
    for serial, given in (("T2", cursor), ("T1", cursor[:-2]), ("T1", "A"), ("T1", "é"), ("T1", "")):
        answer = await client.get(f"/api/tokens/{serial}/history", params={"after": given})
        assert answer.status_code == 422, given
        assert "after" in answer.json()["detail"]


async def test_a_large_order_shows_what_is_of_the_token(
    client: httpx.AsyncClient, recorder: PostgresRecorder, log: Log
) -> None:
    """In binary mode too, and with an unknown field that is nested as deep as a message may be."""
    serials = [f"T{number}" for number in range(5_000)]
    deep: Any = 0
    for _ in range(250):
        deep = [deep]
    lines = [events.order_line(serials), events.order_line([], line="2") | {"note": "no"}]
    placed = events.order(lines=lines)
    headers = (
        *(("ce_specversion", b"1.0"), ("ce_id", b"binary"), ("ce_source", b"urn:test:erp")),
        *(("ce_type", events.ORDER_PLACED.encode()), ("ce_time", b"2026-01-10T17:00:00Z")),
        ("content-type", b"application/json"),
    )
    value = json.dumps({**placed["data"], "more": {"kept": deep}}).encode()
    noise = [log.append(events.activated(f"N{number}")) for number in range(MESSAGES_A_SEGMENT)]
    await recorder.record(log.batch_of([*noise, log.append(value, headers=headers)]))
    [fact] = (await history(client, "T7"))["facts"]
    assert fact["id"] == "binary"
    assert fact["data"]["more"] == {"kept": deep}
    [line] = fact["data"]["lines"]
    assert (line["token_serials"], line["serials_left_out"]) == (["T7"], 4_999)
    assert fact["data"]["lines_left_out"] == 1


async def test_a_serial_is_found_however_it_is_escaped(
    client: httpx.AsyncClient, recorder: PostgresRecorder, log: Log
) -> None:
    escaped = events.encoded(events.order(["T1"])).replace(b'"T1"', b'"\\u0054\\u0031"')
    taken_back = events.order(["T1"], id="a/b", sales_order="SO-2")
    retraction = events.encoded(events.retracted(taken_back)).replace(b"a/b", b"a\\/b")
    await recorder.record(log.batch(escaped, taken_back, retraction))
    body = await history(client)
    assert [state for _, state in states(body)] == ["in_force", "retracted"]
    assert body["facts"][1]["retracted_by"]["source"] == events.ERP


async def test_the_history_is_for_the_present_owner_alone(reader: asyncpg.Connection, record: Record) -> None:
    await record(events.order(["T1"]), events.transferred(["T1"], at="2026-05-01T16:00:00Z"))
    scopes = {org_id: Organizations(frozenset({org_id})) for org_id in ("ORG-1", "ORG-2")}
    page = await read_history(reader, HistoryRequest("T1", scopes["ORG-2"], NOW, 10))
    assert len(page["facts"]) == 2  # type: ignore[arg-type]
    with pytest.raises(UnknownToken):
        await read_history(reader, HistoryRequest("T1", scopes["ORG-1"], NOW, 10))
