"""Rule 1 in the recorder: an event is taken back before it comes, with it, or after it."""

import itertools
from collections.abc import Callable

import asyncpg
import pytest

from lifecycle.recording import Recorded
from projections.recorder import PostgresRecorder
from tests import events
from tests.events import Json
from tests.projections.recorder import stored
from tests.projections.recorder.log import Log
from tests.reference import rules
from tests.reference.histories import ZONE

BACKGROUND = [
    events.order(["T1", "T2"]),
    events.shipped(["T1", "T2"]),
    events.applied("T1", "S1"),
    events.activated("S1"),
]
TARGETS: dict[str, Callable[[], Json]] = {
    "an order version": lambda: events.order(
        ["T1", "T3"], revision=1, customer_name="Corrected", time="2026-02-10T17:00:00Z"
    ),
    "a shipment": lambda: events.shipped(["T2"], shipment="SH-2", ship_date="2026-01-20"),
    "a shipment's version": lambda: events.shipped(["T3"], revision=1, time="2026-02-11T17:00:00Z"),
    "an application": lambda: events.applied("T2", "S1", at="2026-03-01T16:00:00Z"),
    "an un-application": lambda: events.unapplied("T1"),
    "an activation": lambda: events.activated("S1", at="2026-03-03T16:00:00Z", token="T2"),
    "a transfer": lambda: events.transferred(["T1", "T2"]),
    "a return": lambda: events.returned(["T1", "T2"]),
}


async def holds(sql: asyncpg.Connection, *history: Json) -> None:
    """The rows are what the rules say of these events."""
    assert await stored.difference(sql, rules.history_of(history, ZONE)) is None


@pytest.mark.parametrize("make", TARGETS.values(), ids=TARGETS)
async def test_an_event_is_taken_back_whichever_comes_first(
    make: Callable[[], Json], recorder: PostgresRecorder, sql: asyncpg.Connection
) -> None:
    """In every order of background, target and retraction, each alone, or in one batch with others."""
    target = make()
    parts = [BACKGROUND, [target], [events.retracted(target)]]
    for number, order in enumerate(itertools.permutations(parts)):
        for cut in ([1, 1, 1], [[2, 1], [1, 2], [3]][number % 3]):
            await stored.emptied(sql)
            log = Log()
            await log.begin(recorder)
            rest = list(order)
            for size in cut:
                await recorder.record(log.batch(*itertools.chain(*rest[:size])))
                rest = rest[size:]
            await holds(sql, *itertools.chain(*parts))


async def test_a_retraction_cannot_be_retracted(
    recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection
) -> None:
    placed = events.order(["T1"])
    first = events.retracted(placed)
    second = events.retracted(first)
    shipped = events.shipped(["T1"])
    await recorder.record(log.batch(placed, shipped, first))
    await recorder.record(log.batch(second))
    await holds(sql, placed, shipped, first, second)
    await holds(sql, shipped)


async def test_a_retraction_of_a_retraction_may_come_first(
    recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection
) -> None:
    placed = events.order(["T1"])
    first = events.retracted(placed)
    second = events.retracted(first)
    shipped = events.shipped(["T1"])
    await recorder.record(log.batch(second))
    await recorder.record(log.batch(first))
    await recorder.record(log.batch(shipped, placed))
    await holds(sql, placed, shipped, first, second)


async def test_a_retraction_that_names_itself_changes_nothing(
    recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection
) -> None:
    itself = events.retracted({"source": events.ERP, "id": "itself"}, id="itself")
    assert await recorder.record(log.batch(itself)) == Recorded(1, 0, 0, 0, 0)
    assert await recorder.record(log.batch(itself)) == Recorded(0, 1, 0, 0, 0)


@pytest.mark.parametrize("earlier_first", [True, False])
@pytest.mark.parametrize("target_at", [0, 1, 2])
async def test_of_two_retractions_the_earlier_time_counts(
    earlier_first: bool, target_at: int, recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection
) -> None:
    """By `time`, not by arrival: it decides which plan the term began under (`plan_changed_in_term`)."""
    target = events.order(
        revision=1, lines=[events.order_line(["T1"], term_years=3)], time="2026-01-20T17:00:00Z"
    )
    before_start = events.retracted(target, time="2026-02-20T17:00:00Z")
    after_start = events.retracted(target, time="2026-04-20T17:00:00Z")
    retractions = [before_start, after_start] if earlier_first else [after_start, before_start]
    delivery = [*retractions[:target_at], target, *retractions[target_at:]]
    await recorder.record(log.batch(*BACKGROUND))
    for each in delivery:
        await recorder.record(log.batch(each))
    await holds(sql, *BACKGROUND, *delivery)
    earliest = await sql.fetchval("select min(retracted_at) from events")
    assert earliest.isoformat() == "2026-02-20T17:00:00+00:00"


async def test_two_retractions_in_one_batch_with_their_target(
    recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection
) -> None:
    target = events.order(
        revision=1, lines=[events.order_line(["T1"], term_years=3)], time="2026-01-20T17:00:00Z"
    )
    after_start = events.retracted(target, time="2026-04-20T17:00:00Z")
    before_start = events.retracted(target, time="2026-02-20T17:00:00Z")
    await recorder.record(log.batch(*BACKGROUND))
    await recorder.record(log.batch(after_start, target, before_start))
    await holds(sql, *BACKGROUND, after_start, target, before_start)


async def test_an_event_that_was_taken_back_may_come_again_under_a_new_id(
    recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection
) -> None:
    applied = events.applied("T1", "S1")
    again = {**applied, "id": "sent again"}
    history = [events.order(["T1"]), applied, events.retracted(applied), again]
    for each in history:
        await recorder.record(log.batch(each))
    await holds(sql, *history)


async def test_a_retraction_of_what_never_comes_is_kept_as_a_placeholder(
    recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection
) -> None:
    never = {"source": events.PORTAL, "id": "never sent"}
    later = events.retracted(never, time="2026-10-02T16:00:00Z")
    earlier = events.retracted(never, time="2026-10-01T16:00:00Z")
    assert await recorder.record(log.batch(later)) == Recorded(1, 0, 0, 0, 0)
    assert await recorder.record(log.batch(earlier)) == Recorded(1, 0, 0, 0, 0)
    [row] = await sql.fetch("select content, segment, retracted_at from events where content is null")
    assert (row["segment"], row["retracted_at"].isoformat()) == (None, "2026-10-01T16:00:00+00:00")


async def test_a_retraction_of_a_dead_letter_keeps_its_correction_out(
    recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection
) -> None:
    """An id that was taken back stays taken back, whoever sends it first."""
    placed = events.order(["T1"])
    await recorder.record(log.batch(events.with_data(placed, order_date="soon"), events.retracted(placed)))
    await recorder.record(log.batch(placed))
    assert not await sql.fetchval("select count(*) from service_tokens_at('2030-01-01Z')")
