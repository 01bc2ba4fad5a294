"""Whoever owned a token, and what its stations and ports were ever called, is kept where lists look it up."""

import random

import asyncpg
import pytest

from projections.recorder import PostgresRecorder
from tests import events
from tests.projections.recorder.log import Log

OWNERS = "select org_id, org_name from {} where org_id is not null"
PLACES = """
select station_serial, station_name, evse_id from {}
where station_serial is not null and (station_name is not null or evse_id is not null)
"""
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
        assert places <= set(map(tuple, await sql.fetch(KEPT))), f"seed {seed}"
        assert owners, f"seed {seed}"
        assert places, f"seed {seed}"


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
