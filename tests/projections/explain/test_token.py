"""`GET /api/tokens/{serial}`: the row, and the events that it came from."""

from typing import Any
from urllib.parse import quote

import asyncpg
import httpx
import jsonschema
import pytest

from projections.explain.token import CORRECTIONS_SHOWN, explain_token
from projections.explain.unknown import UnknownToken
from projections.query.scope import AllOrganizations, Organizations
from projections.recorder import PostgresRecorder
from tests import events
from tests.events import Json
from tests.projections.explain.conftest import Record
from tests.projections.recorder.log import Log
from tests.reference.instants import instant

AT = "2026-06-01T00:00:00Z"
ODD_SERIALS = (
    "a/b",
    "a/history",
    "50%",
    "%2F",
    "x y+z?&=#",
    "ÄÖ 株\U0001f50c",
    "..%",
    "a\\b",
    'q"',
    "history",
)


async def explanation(client: httpx.AsyncClient, serial: str = "T1", **params: str) -> dict[str, Any]:
    """The answer, held against what the OpenAPI document says of it."""
    answer = await client.get(f"/api/tokens/{quote(serial, safe='')}", params=params)
    assert answer.status_code == 200, answer.text
    document = (await client.get("/openapi.json")).json()
    declared = document["paths"]["/api/tokens/{serial}"]["get"]["responses"]["200"]["content"]
    schema = {**declared["application/json"]["schema"], "components": document["components"]}
    jsonschema.Draft202012Validator(schema).validate(answer.json())
    body: dict[str, Any] = answer.json()
    return body


def lifecycle() -> list[Json]:
    return [
        events.order(["T1"]),
        events.shipped(["T1"]),
        events.activated("S1", at="2026-03-01T16:00:00Z"),
        events.applied("T1", "S1", at="2026-03-02T16:00:00Z", station_name="Bay"),
    ]


async def test_each_value_leads_to_the_message_that_brought_it(
    client: httpx.AsyncClient, recorder: PostgresRecorder, log: Log
) -> None:
    placed, shipped, activated, applied = history = lifecycle()
    await recorder.record(log.batch(*history))
    body = await explanation(client)
    row = (await client.get("/api/tokens?columns=all,anomalies")).json()["rows"][0]
    assert body["row"] == row
    assert list(body["row"]) == list(row) == [*body["cells"], "anomalies"]
    facts = {fact["number"]: fact for fact in body["facts"]}
    rests_on = {key: [facts[number]["id"] for number in cell["facts"]] for key, cell in body["cells"].items()}
    assert rests_on["cloud_plan"] == rests_on["sales_order"] == rests_on["org_id"] == [placed["id"]]
    assert rests_on["ship_date"] == [shipped["id"]]
    assert rests_on["station_name"] == rests_on["applied_date"] == [applied["id"]]
    assert rests_on["activation_date"] == rests_on["status"] == [applied["id"], activated["id"]]
    assert rests_on["expiration_date"] == [placed["id"], applied["id"], activated["id"]]
    [of_activation] = [fact for fact in facts.values() if fact["id"] == activated["id"]]
    assert of_activation["source"] == activated["source"]
    assert (of_activation["topic"], of_activation["partition"], of_activation["offset"]) == ("orders", 0, 2)
    assert of_activation["time"] == "2026-03-01T16:00:00Z"
    assert of_activation["recorded_at"] > "2026-"
    assert body["status"]["status"] == "Active"
    assert body["status"]["since"] == "2026-03-02T16:00:00Z"
    assert body["status"]["next"] == {
        "status": "Expired",
        "at": "2027-03-03T08:00:00Z",
        "sentence": "expires 2027-03-02, at the end of that day in America/Los_Angeles (2027-03-03T08:00:00Z)",
    }
    assert body["history"] == "/api/tokens/T1/history"


async def test_any_instant_can_be_asked_about(client: httpx.AsyncClient, record: Record) -> None:
    await record(*lifecycle(), events.returned(["T1"], at="2027-06-01T00:00:00Z"))
    seen = []
    for as_of in ("2026-01-01", "2026-01-11", "2026-02-10", "2026-04-01", "2027-04-01", "2027-07-01"):
        body = await explanation(client, as_of=f"{as_of}T00:00:00Z")
        assert (body["row"] is None) == (body["status"]["status"] is None) == (not body["cells"])
        seen.append((body["status"]["status"], body["status"]["next"]["status"]))
    assert seen == [
        (None, "New"),
        ("New", "Available"),
        ("Available", "Active"),
        ("Active", "Expired"),
        ("Expired", None),
        (None, None),
    ]
    assert body["status"]["sentence"] == "Returned at 2027-06-01T00:00:00Z, and in no report since."
    assert body["status"]["next"]["sentence"] == "no further change is known"


async def test_corrections_and_retractions_say_what_they_replaced(
    client: httpx.AsyncClient, record: Record
) -> None:
    wrong = events.order(["T1"], lines=[events.order_line(term_years=2)], time="2026-01-10T17:00:00Z")
    right = events.order(["T1"], time="2026-01-11T17:00:00Z")
    mistake = events.applied("T1", "S9")
    unshipped = events.shipped(["T1"])
    await record(events.retracted(mistake, reason="wrong token"), wrong, right, mistake, unshipped)
    await record(events.retracted(unshipped, reason="sent back"))
    body = await explanation(client)
    facts = {fact["number"]: fact["id"] for fact in body["facts"]}
    [correction] = body["corrections"]
    assert (facts[correction["replaced"]], facts[correction["replaced_by"]]) == (wrong["id"], right["id"])
    assert correction["sentence"] == "changed: term_years from 2 to 1"
    assert [(facts[each["fact"]], each["retracted_by"]["reason"]) for each in body["retractions"]] == [
        (mistake["id"], "wrong token"),
        (unshipped["id"], "sent back"),
    ]


async def test_of_many_corrections_the_latest_are_shown(client: httpx.AsyncClient, record: Record) -> None:
    count = CORRECTIONS_SHOWN + 5
    await record(
        *(events.order(["T1"], revision=revision, order_date="2026-01-10") for revision in range(count))
    )
    body = await explanation(client)
    assert (len(body["corrections"]), body["corrections_left_out"]) == (CORRECTIONS_SHOWN, 4)


@pytest.mark.parametrize("serial", ODD_SERIALS)
async def test_a_serial_may_hold_any_character(
    serial: str, client: httpx.AsyncClient, record: Record
) -> None:
    await record(events.order([serial, "other"]))
    body = await explanation(client, serial)
    assert body["row"]["token_serial"] == serial
    history = (await client.get(body["history"])).json()
    assert history["token_serial"] == serial
    [fact] = history["facts"]
    [line] = fact["data"]["lines"]
    assert (line["token_serials"], line["serials_left_out"]) == ([serial], 1)


async def test_an_unknown_serial_says_so(client: httpx.AsyncClient, record: Record) -> None:
    await record(events.order(["T1"]))
    for path in ("/api/tokens/T2", "/api/tokens/T2/history", "/api/tokens/t1", "/api/tokens/T1/"):
        answer = await client.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
        assert answer.json()["type"] == "urn:problem-type:service-tokens:unknown-token"
        assert "no event names" in answer.json()["detail"]
    for path in ("/api/tokens/%00", "/api/tokens/%FF", "/api/tokens/", "/api/tokens//history"):
        assert (await client.get(path)).status_code == 404
    assert (await client.get("/api/tokens/T1?limit=1")).status_code == 422
    assert (await client.get("/api/tokens/T1/history?as_of=2026-01-01T00:00:00Z")).status_code == 422
    assert (await client.post("/api/tokens/T1")).status_code == 405


@pytest.mark.parametrize("case", ["retracted before", "retracted after", "replaced", "cancelled"])
async def test_a_token_of_facts_that_do_not_count_says_that(
    case: str, client: httpx.AsyncClient, record: Record
) -> None:
    applied = events.applied("T1", "S1")
    cancelled = events.order_line(["T1"], cancelled=True)
    await record(
        *{
            "retracted before": [events.retracted(applied), applied],
            "retracted after": [applied, events.retracted(applied)],
            "replaced": [events.order(["T1"], revision=1), events.order(["T2"], revision=2)],
            "cancelled": [events.order(lines=[cancelled])],
        }[case]
    )
    answer = await client.get("/api/tokens/T1")
    assert answer.status_code == 404
    problem = answer.json()
    assert problem["type"] == "urn:problem-type:service-tokens:token-not-in-force"
    assert "no longer count" in problem["detail"]
    history = (await client.get(problem["history"])).json()
    assert len(history["facts"]) == (2 if case == "replaced" else 1)


async def test_a_token_is_explained_to_its_owner_of_that_instant_alone(
    reader: asyncpg.Connection, record: Record
) -> None:
    await record(events.order(["T1"]), events.transferred(["T1"], at="2026-05-01T16:00:00Z"))
    before, after = instant("2026-04-01T00:00:00Z"), instant(AT)
    for scope, at in (
        (AllOrganizations(), before),
        (Organizations(frozenset({"ORG-1"})), before),
        (Organizations(frozenset({"ORG-2"})), after),
    ):
        assert (await explain_token(reader, "T1", at, scope)).explanation.row is not None
    for org_id, at in (("ORG-2", before), ("ORG-1", after)):
        with pytest.raises(UnknownToken) as refused:
            await explain_token(reader, "T1", at, Organizations(frozenset({org_id})))
        assert not refused.value.is_in_journal
