"""Two workers at the same rows at the same moment, each race made to happen."""

import asyncio

import asyncpg
import pytest

from lifecycle.calendar import TIME_ZONE_DATA_VERSION, Calendar
from lifecycle.fold import RULES_VERSION
from lifecycle.recording import Advance, Batch, OffsetsMoved, Recorded
from projections.recorder import PostgresRecorder
from tests import events
from tests.projections.recorder import stored
from tests.projections.recorder.conftest import Clock
from tests.projections.recorder.log import TOPIC_IDS, Log
from tests.projections.recorder.waiting import held, until_blocked
from tests.reference import rules
from tests.reference.histories import ZONE

# Under this lock a transaction can probe the journal, and not yet write what it found to be news.
NOBODY_REMEMBERS = "lock table events in share mode"


async def test_an_event_that_two_workers_hold_has_one_effect(
    database_url: str,
    recorder: PostgresRecorder,
    another_recorder: PostgresRecorder,
    log: Log,
    sql: asyncpg.Connection,
) -> None:
    """Both find it to be news; the second to write it learns that it is not, and begins again."""
    placed = events.order(["T1"])
    one, other = log.batch(placed), log.batch(placed, partition=log.partitions[1])
    async with held(database_url, NOBODY_REMEMBERS):
        racing = [
            asyncio.create_task(recorder.record(one)),
            asyncio.create_task(another_recorder.record(other)),
        ]
        await until_blocked(sql, 2)
    done = sorted(await asyncio.gather(*racing))
    assert done == [Recorded(0, 1, 0, 0, 0), Recorded(1, 0, 0, 1, 1)]
    assert await sql.fetchval("select sum(messages) from segments") == 1
    assert await sql.fetchval("select count(*) from outbox") == 1
    assert await stored.offsets(sql) == {("orders", 0): 1, ("orders", 1): 1}


async def test_other_content_that_two_workers_hold_is_refused_once(
    database_url: str,
    recorder: PostgresRecorder,
    another_recorder: PostgresRecorder,
    log: Log,
    sql: asyncpg.Connection,
) -> None:
    placed = events.order(["T1"])
    one = log.batch(placed)
    other = log.batch(events.with_data(placed, org_id="ORG-9"), partition=log.partitions[1])
    async with held(database_url, NOBODY_REMEMBERS):
        racing = [
            asyncio.create_task(recorder.record(one)),
            asyncio.create_task(another_recorder.record(other)),
        ]
        await until_blocked(sql, 2)
    done = sorted(await asyncio.gather(*racing))
    assert done == [Recorded(0, 0, 1, 0, 0), Recorded(1, 0, 0, 1, 1)]


@pytest.mark.parametrize("target_first", [True, False])
async def test_an_event_and_its_retraction_meet(
    target_first: bool,
    database_url: str,
    recorder: PostgresRecorder,
    another_recorder: PostgresRecorder,
    log: Log,
    sql: asyncpg.Connection,
) -> None:
    """Neither sees the other in the journal; whoever writes second must find out."""
    applied = events.applied("T1", "S1")
    history = [events.order(["T1"]), events.activated("S1"), applied, events.retracted(applied)]
    await recorder.record(log.batch(*history[:2]))
    target = log.batch(applied)
    retraction = log.batch(history[3], partition=log.partitions[1])
    batches = [target, retraction] if target_first else [retraction, target]
    async with held(database_url, NOBODY_REMEMBERS):
        racing = [asyncio.create_task(recorder.record(batches[0]))]
        await until_blocked(sql, 1)
        racing.append(asyncio.create_task(another_recorder.record(batches[1])))
        await until_blocked(sql, 2)
    await asyncio.gather(*racing)
    assert await stored.difference(sql, rules.history_of(history, ZONE)) is None


async def test_an_event_and_a_second_retraction_of_it_meet(
    database_url: str,
    recorder: PostgresRecorder,
    another_recorder: PostgresRecorder,
    log: Log,
    sql: asyncpg.Connection,
) -> None:
    """A placeholder is there already, and both update it: the earlier retraction must not be lost."""
    shipped, applied, activated = events.shipped(["T1"]), events.applied("T1", "S1"), events.activated("S1")
    placed = events.order(["T1"])
    target = events.order(
        revision=1, lines=[events.order_line(["T1"], term_years=3)], time="2026-01-20T17:00:00Z"
    )
    late = events.retracted(target, time="2026-04-20T17:00:00Z")
    early = events.retracted(target, time="2026-02-20T17:00:00Z")
    await recorder.record(log.batch(placed, shipped, applied, activated, late))
    one, other = log.batch(target), log.batch(early, partition=log.partitions[1])
    async with held(database_url, NOBODY_REMEMBERS):
        racing = [
            asyncio.create_task(recorder.record(one)),
            asyncio.create_task(another_recorder.record(other)),
        ]
        await until_blocked(sql, 2)
    await asyncio.gather(*racing)
    history = [placed, shipped, applied, activated, late, target, early]
    assert await stored.difference(sql, rules.history_of(history, ZONE)) is None
    assert await sql.fetchval("select min(retracted_at)::text from events") == "2026-02-20 17:00:00+00"


async def test_a_first_activation_and_an_application_meet_at_the_station(
    database_url: str,
    recorder: PostgresRecorder,
    another_recorder: PostgresRecorder,
    log: Log,
    sql: asyncpg.Connection,
) -> None:
    """Each alone leaves the token without a start."""
    history = [events.applied("T0", "S1"), events.applied("T1", "S1"), events.activated("S1")]
    await recorder.record(log.batch(history[0]))
    one, other = log.batch(history[1]), log.batch(history[2], partition=log.partitions[1])
    async with held(database_url, "lock table tokens in access exclusive mode"):
        racing = [
            asyncio.create_task(recorder.record(one)),
            asyncio.create_task(another_recorder.record(other)),
        ]
        await until_blocked(sql, 2)
    await asyncio.gather(*racing)
    assert await stored.difference(sql, rules.history_of(history, ZONE)) is None


async def test_a_line_and_a_token_of_its_meet_at_the_token(
    database_url: str,
    recorder: PostgresRecorder,
    another_recorder: PostgresRecorder,
    log: Log,
    sql: asyncpg.Connection,
) -> None:
    """A fold reads the line of its token without the line's lock; the token's lock must do."""
    placed = events.order(["T1"], customer_name="First")
    corrected = events.order(
        [], revision=1, customer_name="Corrected", lines=[events.order_line(["T1"], term_years=2)]
    )
    history = [placed, corrected, events.activated("S1"), events.applied("T1", "S1")]
    await recorder.record(log.batch(placed))
    one, other = log.batch(corrected), log.batch(*history[2:], partition=log.partitions[1])
    async with held(database_url, "lock table tokens in access exclusive mode"):
        racing = [
            asyncio.create_task(recorder.record(one)),
            asyncio.create_task(another_recorder.record(other)),
        ]
        await until_blocked(sql, 2)
    await asyncio.gather(*racing)
    assert await stored.difference(sql, rules.history_of(history, ZONE)) is None


async def test_of_two_workers_with_one_partition_one_records(
    recorder: PostgresRecorder, another_recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection
) -> None:
    """The old owner of a partition and the new one hold the same messages, cut otherwise."""
    received = [log.append(events.order([f"T{number}"], sales_order=f"SO-{number}")) for number in range(4)]
    zombie = Batch(received[:3], [Advance("orders", 0, 0, 3)])
    owner = Batch(received, [Advance("orders", 0, 0, 4)])
    done = await asyncio.gather(
        recorder.record(zombie), another_recorder.record(owner), return_exceptions=True
    )
    assert sum(isinstance(each, OffsetsMoved) for each in done) == 1
    [recorded] = [each for each in done if isinstance(each, Recorded)]
    assert recorded.events == await sql.fetchval("select count(*) from events")
    assert await stored.offsets(sql) == {("orders", 0): recorded.events}


async def test_two_workers_begin_on_an_empty_database(
    database_url: str, clock: Clock, sql: asyncpg.Connection
) -> None:
    """Both register the version of the fold, and the places of their partitions."""
    log = Log()
    recorder = PostgresRecorder(database_url, Calendar(ZONE), clock)
    version = f"({RULES_VERSION}, '{ZONE}', '{TIME_ZONE_DATA_VERSION}')"
    async with held(
        database_url, f"insert into fold_versions (rules, zone, time_zone_data) values {version}"
    ):
        opening = asyncio.create_task(recorder.open())
        await until_blocked(sql, 1)
    await opening
    async with held(database_url, "insert into offsets values ('orders', 1, 'id of orders', 7)"):
        placing = asyncio.create_task(recorder.places(dict.fromkeys(log.partitions, 0), TOPIC_IDS))
        await until_blocked(sql, 1)
    places = await placing
    assert places == {each: 7 if each == ("orders", 1) else 0 for each in log.partitions}
    assert await recorder.record(log.batch(events.order(["T1"]))) == Recorded(1, 0, 0, 1, 1)
    await recorder.close()
