"""Places move by compare-and-set, in the transaction that stores what was read, or not at all."""

import asyncpg
import pytest

from lifecycle.recording import Advance, Batch, OffsetsMoved, Partition, Recorded, TopicMadeAnew
from projections.recorder import PostgresRecorder
from tests import events
from tests.projections.recorder import stored
from tests.projections.recorder.log import TOPIC_IDS, Log


async def test_a_partition_never_read_begins_where_the_broker_says(
    recorder: PostgresRecorder, sql: asyncpg.Connection
) -> None:
    partitions = [Partition("orders", 0), Partition("shipments", 3)]
    beginnings = {partitions[0]: 0, partitions[1]: 17}
    assert await recorder.places(beginnings, TOPIC_IDS) == beginnings
    # From then on the database says it.
    assert await recorder.places(dict.fromkeys(partitions, 99), TOPIC_IDS) == beginnings
    assert await recorder.places({partitions[1]: 99}, TOPIC_IDS) == {partitions[1]: 17}


async def test_a_place_moves_with_its_batch(
    recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection
) -> None:
    await recorder.record(log.batch(events.order(["T1"]), b"no event", events.shipped(["T1"])))
    assert await stored.offsets(sql) == {("orders", 0): 3}
    places = await recorder.places(dict.fromkeys(log.partitions, 0), TOPIC_IDS)
    assert places[Partition("orders", 0)] == 3


async def test_a_batch_of_no_messages_moves_places_too(
    recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection
) -> None:
    """Transaction markers and aborted messages take offsets and are no messages."""
    assert await recorder.record(Batch([], [Advance("orders", 1, 0, 9)])) == Recorded(0, 0, 0, 0, 0)
    assert await stored.offsets(sql) == {("orders", 1): 9}


@pytest.mark.parametrize("expected", [0, 1, 3])
async def test_nothing_is_stored_when_one_place_is_elsewhere(
    expected: int, recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection
) -> None:
    """Behind, or ahead, whichever way: another worker has been there."""
    await recorder.record(log.batch(events.order(["T1"]), events.shipped(["T1"])))
    before = await stored.contents(sql)
    stale = log.append(events.order(["T2"], sales_order="SO-2"), Partition("orders", 0))
    good = log.append(events.order(["T3"], sales_order="SO-3"), Partition("transfers", 1))
    moved = Batch([stale, good], [Advance("orders", 0, expected, 4), Advance("transfers", 1, 0, 1)])
    with pytest.raises(OffsetsMoved):
        await recorder.record(moved)
    assert await stored.contents(sql) == before
    # It goes on from the right place.
    right = Batch([stale, good], [Advance("orders", 0, 2, 3), Advance("transfers", 1, 0, 1)])
    assert (await recorder.record(right)).events == 2


async def test_an_unknown_partition_is_refused(
    recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection
) -> None:
    with pytest.raises(OffsetsMoved):
        await recorder.record(Batch([], [Advance("orders", 77, 0, 1)]))


async def test_a_topic_made_anew_is_named(recorder: PostgresRecorder, log: Log) -> None:
    """Its stored offsets mean messages that are gone."""
    with pytest.raises(TopicMadeAnew, match="'transfers' was made anew"):
        await recorder.places(dict.fromkeys(log.partitions, 0), {**TOPIC_IDS, "transfers": "another id"})


async def test_a_partition_added_to_a_topic_made_anew_is_named_too(
    recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection
) -> None:
    """A worker may be given only the partitions that were never read; their topic is another all the same."""
    added = {Partition("transfers", 2): 0}
    with pytest.raises(TopicMadeAnew):
        await recorder.places(added, {**TOPIC_IDS, "transfers": "another id"})
    assert await recorder.places(added, TOPIC_IDS) == added
