"""What is printed for each condition: all that it names, with its retractions, oldest first, and nothing else."""

import json
import random

import asyncpg
import pytest

from lifecycle.recording import Partition
from projections.recorder import PostgresRecorder
from tests import events
from tests.lifecycle.judges import by_the_reference
from tests.projections.journal_print.conftest import Print
from tests.projections.recorder.log import Log, spread
from tests.projections.recorder.test_random_histories import record_all
from tests.reference.histories import INSTANTS, random_history

OTHERS = [
    events.order(["T9"], sales_order="SO-9"),
    events.shipped(["T9"], shipment="SH-9", lines=[events.shipped_line(["T9"], sales_order="SO-9")]),
    events.applied("T9", "S9"),
    events.activated("S9"),
]


async def recorded(recorder: PostgresRecorder, log: Log, *given: events.Json) -> None:
    for event in given:
        await recorder.record(log.batch(event))


def encoded(*given: events.Json) -> list[bytes]:
    return [events.encoded(event) for event in given]


async def test_of_a_token_all_that_its_row_depends_on(
    recorder: PostgresRecorder, log: Log, lines: Print
) -> None:
    placed, without = events.order(["T1"]), events.order(["T2"], revision=1)
    shipped = events.shipped(["T1"], lines=[events.shipped_line(["T1"], line="2")])
    replaced = events.shipped(["T3"], revision=1)
    other_line = events.order([], lines=[events.order_line([], line="2")])
    applied, activated, again = events.applied("T1", "S1"), events.activated("S1"), events.activated("S1")
    early = events.retracted(again)
    about = [early, placed, without, shipped, replaced, other_line, applied, activated, again]
    about += [events.retracted(applied), events.transferred(["T0", "T1"]), events.returned(["T1"])]
    noise = [*OTHERS, events.retracted(OTHERS[0]), events.applied("T9", "S1")]
    mixed = [event for pair in zip(about, noise, strict=False) for event in pair]
    mixed += about[len(noise) :]
    await recorded(recorder, log, *mixed)
    assert await lines(serial="T1") == encoded(*about)
    assert await lines(serial="T8") == []


@pytest.mark.parametrize("seed", range(1, 6))
async def test_what_is_printed_of_a_token_leads_to_its_row(
    seed: int, recorder: PostgresRecorder, log: Log, lines: Print
) -> None:

    history = random_history(seed, length=60)
    await record_all(recorder, spread(log, history, random.Random(seed), 0, 5))
    for serial in ("T1", "T2", "T3"):
        printed = [json.loads(line) for line in await lines(serial=serial)]
        for at in INSTANTS:
            expected = by_the_reference(history, at).get(serial)
            assert by_the_reference(printed, at).get(serial) == expected, (seed, serial, at)


async def test_of_an_order_its_shipments_too_and_of_a_line_less(
    recorder: PostgresRecorder, log: Log, lines: Print
) -> None:
    one = events.order(lines=[events.order_line(["T1"]), events.order_line(["T2"], line="2")])
    first = events.order(["T1"], revision=1)
    second = events.shipped(lines=[events.shipped_line(["T2"], line="2")])
    longer = events.order(["T3"], sales_order="SO-10")
    back = events.retracted(one)
    await recorded(recorder, log, one, first, longer, second, *OTHERS, back)
    assert await lines(sales_order="SO-1") == encoded(one, first, second, back)
    assert await lines(sales_order="SO-1", line="2") == encoded(one, second, back)
    assert await lines(sales_order="SO-1", line="3") == []
    assert await lines(sales_order="SO-1", serial="T2") == encoded(one, second, back)


async def test_of_a_shipment_and_of_a_station(recorder: PostgresRecorder, log: Log, lines: Print) -> None:
    shipped, activated, applied = events.shipped(), events.activated("S1"), events.applied("T1", "S1")
    removed, elsewhere = events.unapplied("T1", station="S1"), events.unapplied("T1")
    back = events.retracted(activated)
    await recorded(recorder, log, shipped, activated, *OTHERS, back, applied, removed, elsewhere)
    assert await lines(shipment="SH-1") == encoded(shipped)
    assert await lines(station="S1") == encoded(activated, back, applied, removed)


async def test_by_source_and_id_with_what_takes_it_back(
    recorder: PostgresRecorder, log: Log, lines: Print
) -> None:
    one = events.order(["T1"], source="urn:a", id="1")
    other, back = (
        events.order(["T2"], source="urn:b", id="1"),
        events.retracted({"source": "urn:a", "id": "1"}),
    )
    await recorded(recorder, log, one, other, back)
    assert await lines(source="urn:a", id="1") == encoded(one, back)
    assert await lines(id="1") == encoded(one, other, back)
    assert await lines(source="urn:b") == encoded(other)


async def test_by_place_and_by_the_time_recorded(
    recorder: PostgresRecorder, log: Log, lines: Print, sql: asyncpg.Connection
) -> None:
    given = [events.order([f"T{number}"], sales_order=f"SO-{number}") for number in range(6)]
    await recorder.record(log.batch(*given[:3]))
    between = await sql.fetchval("select (extract(epoch from clock_timestamp()) * 1000000)::bigint")
    await recorder.record(log.batch(*given[3:5], partition=Partition("orders", 1)))
    await recorder.record(log.batch(given[5], partition=Partition("shipments", 0)))
    assert await lines(topic="orders") == encoded(*given[:5])
    assert await lines(topic="orders", partition=0) == encoded(*given[:3])
    assert await lines(topic="orders", from_offset=1, to_offset=2) == encoded(given[1], given[4])
    assert await lines(recorded_to=between) == encoded(*given[:3])
    assert await lines(recorded_from=between, topic="orders") == encoded(*given[3:5])
    assert await lines(recorded_from=between, serial="T1") == []
