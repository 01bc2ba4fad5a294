"""What is announced: each change of status once, from where the last one left the token, with its cause."""

import asyncpg

from lifecycle.announcing import Expiring
from lifecycle.recording import Partition
from projections.recorder import PostgresRecorder
from tests import events
from tests.events import Json
from tests.projections.recorder import stored
from tests.projections.recorder.conftest import Clock
from tests.projections.recorder.log import Log
from tests.reference.instants import instant, written

Said = tuple[str, int, str | None, str | None, str | None, str | None]


async def said(sql: asyncpg.Connection) -> list[Said]:
    """Serial, sequence, from, to, at, and the id of the cause, in order."""
    return [
        (
            each.token_serial,
            each.sequence,
            each.from_status,
            each.to_status,
            None if each.at is None else written(each.at),
            each.id,
        )
        for each in await stored.announcements(sql)
    ]


async def test_each_transaction_announces_how_it_leaves_a_token(
    recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection
) -> None:
    placed = events.order(["T1"])
    shipped = events.shipped(["T1"])
    applied = events.applied("T1", "S1")
    activated = events.activated("S1")
    returned = events.returned(["T1"], at="2026-06-20T16:00:00Z")
    for each in (placed, shipped, applied, activated, returned):
        await recorder.record(log.batch(each))
    assert await said(sql) == [
        ("T1", 1, None, "New", "2026-01-10T08:00:00Z", placed["id"]),
        ("T1", 2, "New", "Available", "2026-02-01T08:00:00Z", shipped["id"]),
        ("T1", 3, "Available", "Active", "2026-03-05T16:00:00Z", activated["id"]),
        ("T1", 4, "Active", None, "2026-06-20T16:00:00Z", returned["id"]),
    ]
    [_, _, active, gone] = await stored.announcements(sql)
    assert (active.source, active.org_id, active.station_serial) == (events.FIRMWARE, "ORG-1", "S1")
    assert (gone.source, gone.org_id, gone.station_serial) == (events.ERP, "ORG-1", "S1")


async def test_one_batch_announces_once_from_first_to_last(
    recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection
) -> None:
    history = [events.order(["T1"]), events.shipped(["T1"]), events.applied("T1", "S1")]
    activated = events.activated("S1")
    await recorder.record(log.batch(*history, activated))
    assert await said(sql) == [("T1", 1, None, "Active", "2026-03-05T16:00:00Z", activated["id"])]


async def test_the_cause_is_the_last_that_touches_the_token_by_topic_partition_and_offset(
    recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection
) -> None:
    """Neither the last to be published, nor the one that made the difference, nor one of another token."""
    placed = events.order(["T1"])
    other = events.order(["T2"], sales_order="SO-2")
    moved = events.transferred(["T1"])
    activated = events.activated("S1", token="T1")
    received = [
        log.append(moved, Partition("transfers", 0)),
        log.append(placed, Partition("orders", 1)),
        log.append(other, Partition("transfers", 1)),
        log.append(activated, Partition("activations", 0)),
    ]
    await recorder.record(log.batch_of(received))
    causes = {each.token_serial: each.id for each in await stored.announcements(sql)}
    assert causes == {"T1": moved["id"], "T2": other["id"]}


async def test_a_retraction_is_a_cause(recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection) -> None:
    """What takes the status back says so, with no instant where no stage is reached any more."""
    shipped = events.shipped(["T1"])
    back = events.retracted(shipped)
    await recorder.record(log.batch(events.order(["T1"]), shipped))
    await recorder.record(log.batch(back))
    placed = events.order(["T2"], sales_order="SO-2")
    away = events.retracted(placed)
    await recorder.record(log.batch(placed))
    await recorder.record(log.batch(away))
    assert (await said(sql))[1] == ("T1", 2, "Available", "New", "2026-01-10T08:00:00Z", back["id"])
    assert (await said(sql))[3] == ("T2", 2, "New", None, None, away["id"])


async def test_who_left_the_report_and_comes_back_goes_on_counting(
    recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection
) -> None:
    placed = events.order(["T1"])
    history: list[Json] = [placed, events.retracted(placed), events.order(["T1"], revision=1)]
    for each in history:
        await recorder.record(log.batch(each))
    assert [each[1:4] for each in await said(sql)] == [(1, None, "New"), (2, "New", None), (3, None, "New")]


async def test_the_future_is_not_announced(
    recorder: PostgresRecorder, log: Log, clock: Clock, sql: asyncpg.Connection
) -> None:
    """A token is announced as it is now; what has not been reached is for the clock to say."""
    clock.now = instant("2026-01-10T07:59:59.999999Z")
    placed = events.order(["T1"], time="2026-01-11T17:00:00Z")
    await recorder.record(log.batch(placed))
    assert await said(sql) == []
    clock.now += 1
    shipped = events.shipped(["T1"])
    await recorder.record(log.batch(shipped))
    assert await said(sql) == [("T1", 1, None, "New", "2026-01-10T08:00:00Z", shipped["id"])]


async def test_what_changes_no_status_announces_nothing(
    recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection
) -> None:
    await recorder.record(log.batch(events.order(["T1"])))
    await recorder.record(log.batch(events.order(["T1"], revision=1, customer_name="Corrected")))
    await recorder.record(log.batch(events.transferred(["T1"])))
    assert len(await said(sql)) == 1
    assert await sql.fetchval("select count(*) from outbox") == 1, "and makes no row of the outbox"


async def test_org_and_station_are_those_of_now(
    recorder: PostgresRecorder, log: Log, clock: Clock, sql: asyncpg.Connection
) -> None:
    history = [
        events.order(["T1"]),
        events.applied("T1", "S1"),
        events.activated("S1"),
        events.transferred(["T1"], at="2026-06-30T16:00:00Z"),
        events.applied("T1", "S2", at="2026-07-02T16:00:00Z"),
        events.transferred(["T1"], at="2026-07-02T16:00:00Z", from_org="ORG-2", to_org="ORG-3"),
    ]
    await recorder.record(log.batch(*history))
    [announcement] = await stored.announcements(sql)
    assert (announcement.org_id, announcement.station_serial) == ("ORG-2", "S1")


async def test_a_notice_that_is_due_when_its_token_is_recorded_is_said_with_it_and_once(
    recorder: PostgresRecorder, log: Log, clock: Clock, sql: asyncpg.Connection
) -> None:
    clock.now = instant("2027-02-20T00:00:00Z")
    history = [
        events.order(["T1"]),
        events.shipped(["T1"]),
        events.applied("T1", "S1"),
        events.activated("S1"),
    ]
    await recorder.record(log.batch(*history))
    await recorder.record(log.batch(events.transferred(["T1"])))
    notices = [each for each in await stored.said(sql) if isinstance(each, Expiring)]
    assert [(each.days_left, written(each.expires_at)) for each in notices] == [(30, "2027-03-06T08:00:00Z")]
    assert await sql.fetchval("select due_at = '2027-02-27T08:00:00Z' from tokens"), (
        "the next one is the clock's"
    )
