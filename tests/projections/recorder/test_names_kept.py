"""Whoever owned a token, and what its stations and ports were ever called, is kept where lists look it up."""

import asyncio
import random

import asyncpg
import pytest

from projections.migrate import migrations
from projections.recorder import PostgresRecorder, locks
from tests import events
from tests.projections.recorder.log import Log
from tests.projections.recorder.waiting import held, until_blocked

FEWER_INDEXES, MORE_ORDERS = 7, 8
OWNERS = "select org_id, org_name from {} where org_id is not null"
PLACES = """
select station_serial, station_name, evse_id from {}
where station_serial is not null and (station_name is not null or evse_id is not null)
"""
NAMED = "select station_serial, station_name, evse_id from known_places"
KEPT = "select unnest(station_serials), unnest(station_names), unnest(evse_ids) from places"
HISTORY = [
    events.order(["T1", "T2"]),
    events.applied("T1", "S1", station_name="North", evse_id="US*1"),
    events.applied("T1", "S1", station_name="South", at="2026-06-03T16:00:00Z"),
    events.applied("T2", "S1", station_name="West"),
    events.unapplied("T2", at="2026-06-04T16:00:00Z"),
    events.applied("T2", "S2", evse_id="US*2", at="2026-06-05T16:00:00Z"),
    events.activated("S1"),
    events.transferred(["T1"]),
]


@pytest.mark.parametrize("seed", range(6))
async def test_owners_and_places_of_all_rows_and_spans_are_kept(
    seed: int, recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection
) -> None:
    dice = random.Random(seed)
    history, batches = dice.sample(HISTORY, len(HISTORY)), dice.choice((1, 3, len(HISTORY)))
    for number in range(batches):
        await recorder.record(log.batch(*history[number::batches]))
    for table in ("tokens", "spans"):
        owners = set(map(tuple, await sql.fetch(OWNERS.format(table))))
        assert owners <= set(map(tuple, await sql.fetch("select * from owners"))), f"seed {seed}"
        places = set(map(tuple, await sql.fetch(PLACES.format(table))))
        for kept in (KEPT, NAMED):
            assert places <= set(map(tuple, await sql.fetch(kept))), f"seed {seed}"
        assert owners, f"seed {seed}"
        assert places, f"seed {seed}"


async def test_places_of_applications_are_kept_before_any_lock_is_waited_for(
    recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection, database_url: str
) -> None:
    """Under the locks, others would wait for it."""
    async with held(
        database_url, f"select pg_advisory_xact_lock({locks.SUBJECTS}, n) from generate_series(0, 255) n"
    ):
        recording = asyncio.create_task(recorder.record(log.batch(*HISTORY)))
        await until_blocked(sql, 1)
        [found] = await sql.fetch(
            """
            select max(locktype) filter (where not granted), bool_or(relation = 'known_places'::regclass)
            from pg_locks where pid in (select pid from pg_locks where not granted)
            """
        )
    await recording
    assert tuple(found) == ("advisory", True)


async def test_a_name_that_comes_back_with_a_retraction_is_kept(
    recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection
) -> None:
    renamed = events.applied("T1", "S1", station_name="South")
    await recorder.record(log.batch(events.applied("T1", "S1", station_name="North"), renamed))
    await recorder.record(log.batch(events.retracted(renamed)))
    (token,) = await sql.fetch(PLACES.format("tokens"))
    assert tuple(token) in set(map(tuple, await sql.fetch(KEPT)))


async def test_known_owners_and_unmoved_tokens_add_nothing(
    recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection
) -> None:
    await recorder.record(log.batch(*HISTORY[:2]))
    owners, places = await sql.fetch("select * from owners"), await sql.fetch(KEPT)
    await recorder.record(log.batch(events.order(["T3"], sales_order="SO-2"), events.activated("S1")))
    assert (await sql.fetch("select * from owners"), await sql.fetch(KEPT)) == (owners, places)


async def test_an_earlier_versions_database_is_taken_along(empty_database_url: str) -> None:
    sql = await asyncpg.connect(empty_database_url)
    *earlier, last, next_one = [each.sql for each in migrations() if each.version <= MORE_ORDERS]
    for migration in earlier:
        await sql.execute(migration)
    await sql.execute(
        """
        insert into tokens (token_serial, org_id, org_name, station_serial, station_name, evse_id, sequence,
            fold_version, digest, facts)
        values ('T1', 'ORG-1', 'One', 'S1', 'North', 'US*1', 1, 1, '', ''),
            ('T2', 'ORG-1', 'One', 'S1', 'North', null, 1, 1, '', ''),
            ('T3', null, null, 'S1', null, null, 1, 1, '', '');
        insert into spans (token_serial, starts_at, ends_at, org_id, station_serial, station_name)
        values ('T1', '2026-01-01Z', '2026-02-01Z', 'ORG-2', 'S2', 'South')
        """
    )
    await sql.execute(last)
    owners = [("ORG-1", "One"), ("ORG-2", None)]
    places = [("S1", "North", "US*1"), ("S1", "North", None), ("S2", "South", None)]
    assert sorted(map(tuple, await sql.fetch("select * from owners"))) == owners
    assert sorted(map(tuple, await sql.fetch(KEPT)), key=str) == places
    await sql.execute(next_one)
    assert sorted(map(tuple, await sql.fetch(NAMED)), key=str) == places
    await sql.execute(
        """
        select keep_owners_and_places(
            '{ORG-1, ORG-1}', '{One, Two}', '{S1, S1}', '{North, West}', '{null, null}')
        """
    )
    assert sorted(map(tuple, await sql.fetch("select * from owners"))) == sorted(
        [*owners, ("ORG-1", "Two")], key=str
    )
    for kept in (KEPT, NAMED):
        assert sorted(map(tuple, await sql.fetch(kept)), key=str) == sorted(
            [*places, ("S1", "West", None)], key=str
        )
    await sql.close()
