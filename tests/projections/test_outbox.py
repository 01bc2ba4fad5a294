"""The clock: what time alone brings is announced once, whenever somebody looks, and notices are sent once."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import jsonschema
import orjson
import pytest

from lifecycle.announcing import Expiring, StatusChanged, cloud_event, unpack_announcements
from lifecycle.calendar import Calendar
from projections.outbox import PostgresOutbox
from projections.recorder import PostgresRecorder
from tests import events
from tests.projections.recorder.conftest import Clock, clock, log, recorder, sql
from tests.projections.recorder.log import Log
from tests.reference.histories import ZONE
from tests.reference.instants import instant, written

__all__ = ["clock", "log", "recorder", "sql"]

SCHEMAS = Path(__file__).parent.parent.parent / "schemas" / "json"


@pytest.fixture
async def outbox(database_url: str, clock: Clock) -> AsyncIterator[PostgresOutbox]:
    """The outbox of the process that leads."""
    outbox = PostgresOutbox(database_url, Calendar(ZONE), clock)
    assert await outbox.lead()
    yield outbox
    await outbox.close()


async def said(outbox: PostgresOutbox) -> list[StatusChanged | Expiring]:
    """What waits, taken out."""
    entries = await outbox.pending()
    await outbox.delete(entries)
    return [each for entry in entries for each in unpack_announcements(entry.packed)]


async def told(outbox: PostgresOutbox, clock: Clock, now: str) -> list[tuple[str | int | None, ...]]:
    """What the clock says at an instant: changes as (from, to, at), notices as (days left, end)."""
    clock.now = instant(now)
    while await outbox.tick():
        pass
    return [
        (each.from_status, each.to_status, None if each.at is None else written(each.at))
        if isinstance(each, StatusChanged)
        else (each.days_left, written(each.expires_at))
        for each in await said(outbox)
    ]


async def test_each_stage_that_only_time_brings_is_announced_at_its_instant_and_not_before(
    recorder: PostgresRecorder, log: Log, outbox: PostgresOutbox, clock: Clock
) -> None:
    clock.now = instant("2026-01-15T00:00:00Z")
    await recorder.record(
        log.batch(
            events.order(["T1"], order_date="2026-01-10"),
            events.shipped(["T1"], ship_date="2026-02-01"),
            events.applied("T1", "S1", at="2026-03-05T16:00:00Z", starts_at="2026-04-01T16:00:00Z"),
            events.activated("S1", at="2026-03-05T17:00:00Z"),
        )
    )
    [new] = await said(outbox)
    assert isinstance(new, StatusChanged)
    assert (new.from_status, new.to_status) == (None, "New")
    assert await told(outbox, clock, "2026-02-01T07:59:59.999999Z") == []
    assert await told(outbox, clock, "2026-02-01T08:00:00Z") == [
        ("New", "Available", "2026-02-01T08:00:00Z"),
    ]
    assert await told(outbox, clock, "2026-02-01T08:00:00Z") == []
    assert await told(outbox, clock, "2026-04-01T16:00:00Z") == [
        ("Available", "Active", "2026-04-01T16:00:00Z"),
    ]
    assert await told(outbox, clock, "2027-01-02T07:59:59.999999Z") == []
    assert await told(outbox, clock, "2027-01-02T08:00:00Z") == [(90, "2027-04-02T07:00:00Z")]
    assert await told(outbox, clock, "2027-02-15T00:00:00Z") == [(60, "2027-04-02T07:00:00Z")]
    assert await told(outbox, clock, "2027-02-15T00:00:00Z") == []
    assert await told(outbox, clock, "2027-04-02T06:59:59.999999Z") == [(7, "2027-04-02T07:00:00Z")]
    assert await told(outbox, clock, "2027-04-02T07:00:00Z") == [
        ("Active", "Expired", "2027-04-02T07:00:00Z"),
    ]
    assert await told(outbox, clock, "2031-01-01T00:00:00Z") == []


async def test_after_an_outage_only_the_last_status_and_the_smallest_notice_are_said(
    recorder: PostgresRecorder, log: Log, outbox: PostgresOutbox, clock: Clock
) -> None:
    clock.now = instant("2026-01-15T00:00:00Z")
    await recorder.record(
        log.batch(
            events.order(["T1"], order_date="2026-01-10"),
            events.shipped(["T1"], ship_date="2026-02-01"),
            events.applied("T1", "S1", at="2026-03-05T16:00:00Z"),
            events.activated("S1", at="2026-03-05T17:00:00Z"),
        )
    )
    await said(outbox)
    assert await told(outbox, clock, "2027-02-20T00:00:00Z") == [
        ("New", "Active", "2026-03-05T17:00:00Z"),
        (30, "2027-03-06T08:00:00Z"),
    ]


async def test_a_term_whose_end_moves_and_moves_back_gets_no_second_notice_of_the_same_end(
    recorder: PostgresRecorder, log: Log, outbox: PostgresOutbox, clock: Clock
) -> None:
    clock.now = instant("2027-02-20T00:00:00Z")
    mistaken = events.order(lines=[events.order_line(["T1"], term_years=2)], revision=1)
    await recorder.record(
        log.batch(
            events.order(["T1"], order_date="2026-01-10"),
            events.shipped(["T1"], ship_date="2026-02-01"),
            events.applied("T1", "S1", at="2026-03-05T16:00:00Z"),
            events.activated("S1", at="2026-03-05T17:00:00Z"),
        )
    )
    assert (30, "2027-03-06T08:00:00Z") in await told(outbox, clock, "2027-02-20T00:00:00Z")
    await recorder.record(log.batch(mistaken))
    assert await told(outbox, clock, "2027-02-20T01:00:00Z") == []
    await recorder.record(log.batch(events.retracted(mistaken)))
    assert await told(outbox, clock, "2027-02-20T02:00:00Z") == []
    assert await told(outbox, clock, "2027-02-27T08:00:00Z") == [(7, "2027-03-06T08:00:00Z")]


async def test_one_process_leads_until_its_connection_ends(
    outbox: PostgresOutbox, database_url: str, clock: Clock
) -> None:
    another = PostgresOutbox(database_url, Calendar(ZONE), clock)
    assert not await another.lead()
    await outbox.close()
    assert await another.lead()
    await another.close()


async def test_what_is_said_is_what_the_contract_says(
    recorder: PostgresRecorder, log: Log, outbox: PostgresOutbox, clock: Clock, sql: asyncpg.Connection
) -> None:
    clock.now = instant("2027-02-20T00:00:00Z")
    activated = events.activated("S1", at="2026-03-05T17:00:00Z")
    await recorder.record(
        log.batch(
            events.order(["T1"]),
            events.shipped(["T1"]),
            events.applied("T1", "S1", at="2026-03-05T16:00:00Z"),
            activated,
        )
    )
    await outbox.tick()
    announcements = await said(outbox)
    sent = [cloud_event(each, clock.now) for each in announcements]
    assert [topic for topic, _ in sent] == ["token-status", "token-notices"]
    for _, event in sent:
        schema = orjson.loads((SCHEMAS / f"{event['type']}.schema.json").read_bytes())
        jsonschema.validate(event, schema, jsonschema.Draft202012Validator)
    [(_, change), (_, notice)] = sent
    assert change["id"] == "T1/1"
    assert change["data"]["cause"] == {"source": activated["source"], "id": activated["id"]}
    assert notice["id"] == "T1/30/2027-03-06T08:00:00Z"
