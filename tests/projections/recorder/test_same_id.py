"""Rule 9 in the journal: a known id with the same content changes nothing, with another it is refused."""

import asyncpg

from lifecycle.recording import Recorded
from projections.recorder import PostgresRecorder
from tests import events
from tests.projections.recorder import stored
from tests.projections.recorder.log import Log
from tests.reference.instants import instant

NOW = instant("2026-07-01T12:00:00Z")


def letters(rows: list[asyncpg.Record]) -> list[tuple[str, int]]:
    return [(row["rule"], row["offset"]) for row in rows]


async def test_an_event_delivered_again_has_no_further_effect(
    recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection
) -> None:
    placed = events.order(["T1"])
    assert await recorder.record(log.batch(placed)) == Recorded(1, 0, 0, 1, 1)
    before = await stored.contents(sql)
    assert await recorder.record(log.batch(placed, placed)) == Recorded(0, 2, 0, 0, 0)
    after = await stored.contents(sql)
    assert after.pop("offsets") != before.pop("offsets")
    assert after == before


async def test_an_event_twice_in_one_batch_is_recorded_once(
    recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection
) -> None:
    placed = events.order(["T1"])
    assert await recorder.record(log.batch(placed, placed)) == Recorded(1, 1, 0, 1, 1)
    assert await sql.fetchval("select sum(messages) from segments") == 1


async def test_the_same_content_may_be_written_in_another_way(
    recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection
) -> None:
    """Content is type and data as parsed JSON: 1 is 1.0, names have no order, `time` is left out."""
    placed = events.order(["T1"], revision=1)
    again = {**events.with_data(placed, revision=1.0), "time": "2026-01-11T00:00:00Z"}
    again["data"] = dict(reversed(again["data"].items()))
    assert await recorder.record(log.batch(placed)) == Recorded(1, 0, 0, 1, 1)
    assert await recorder.record(log.batch(again)) == Recorded(0, 1, 0, 0, 0)
    assert not await sql.fetchval("select count(*) from dead_letters")


async def test_other_content_is_a_dead_letter_that_names_both(
    recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection
) -> None:
    first = events.order(["T1"], customer_name="First")
    other = events.with_data(first, customer_name="Other")
    neighbour = events.order(["T2"], sales_order="SO-2")
    await recorder.record(log.batch(events.shipped(["T1"]), first))
    recorded = await recorder.record(log.batch(other, neighbour, partition=log.partitions[1]))
    assert recorded == Recorded(1, 0, 1, 1, 1)
    [letter] = await sql.fetch("select * from dead_letters")
    assert letter["rule"] == "other_content"
    assert (letter["source"], letter["event_id"]) == (first["source"], first["id"])
    assert (letter["topic"], letter["partition"], letter["offset"]) == ("orders", 1, 0)
    assert "topic orders, partition 0, offset 1" in letter["message"], "where the one that stands came from"
    assert letter["value"] == events.encoded(other)
    rows = (await stored.reports(sql, [NOW]))[NOW]
    assert rows["T1"]["customer_name"] == "First"
    assert rows["T2"]["sales_order"] == "SO-2"
    assert (await stored.offsets(sql))["orders", 1] == 2


async def test_other_content_within_one_batch_leaves_the_first_to_stand(
    recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection
) -> None:
    first = events.order(["T1"], customer_name="First")
    other = events.with_data(first, customer_name="Other")
    assert await recorder.record(log.batch(first, other, first, other)) == Recorded(1, 1, 2, 1, 1)
    rows = await sql.fetch('select rule, "offset" from dead_letters order by dead_letter')
    assert letters(rows) == [("other_content", 1), ("other_content", 3)]
    assert (await stored.reports(sql, [NOW]))[NOW]["T1"]["customer_name"] == "First"


async def test_another_type_is_other_content(
    recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection
) -> None:
    moved = events.transferred(["T1"])
    back = events.returned(["T1"], source=moved["source"], id=moved["id"])
    assert await recorder.record(log.batch(moved, back)) == Recorded(1, 0, 1, 1, 1)


async def test_the_same_id_of_another_source_is_another_event(
    recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection
) -> None:
    one = events.order(["T1"], source="urn:one", id="1")
    other = events.order(["T2"], sales_order="SO-2", source="urn:other", id="1")
    # Where the source ends and the id begins is part of the identity.
    apart = events.order(["T3"], sales_order="SO-3", source="urn:on", id="e1")
    assert await recorder.record(log.batch(one, other, apart)) == Recorded(3, 0, 0, 3, 3)


async def test_an_event_known_by_its_retraction_alone_is_news(
    recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection
) -> None:
    placed = events.order(["T1"])
    assert (await recorder.record(log.batch(events.retracted(placed)))).events == 1
    assert (await recorder.record(log.batch(placed))).events == 1
    assert (await recorder.record(log.batch(placed))).repeats == 1
    assert (await recorder.record(log.batch(events.with_data(placed, org_id="ORG-9")))).dead_letters == 1


async def test_a_dead_letter_takes_no_id(
    recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection
) -> None:
    """What was refused may be sent again under its id, corrected."""
    placed = events.order(["T1"])
    wrong = events.with_data(placed, order_date="soon")
    assert await recorder.record(log.batch(wrong)) == Recorded(0, 0, 1, 0, 0)
    assert await recorder.record(log.batch(placed)) == Recorded(1, 0, 0, 1, 1)
