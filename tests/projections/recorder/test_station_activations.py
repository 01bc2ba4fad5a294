"""Stations keep their first activation alone; the journal has the others for when that one is retracted."""

import random

import asyncpg
import pytest

from lifecycle.recording import Recorded
from projections.recorder import PostgresRecorder
from projections.recorder.transaction import STATIONS_AT_ONCE
from tests import events
from tests.events import Json
from tests.projections.recorder import stored
from tests.projections.recorder.log import Log
from tests.reference import rules
from tests.reference.histories import ZONE


def boots(count: int, station: str = "S1") -> list[Json]:
    """Activations of a station, a day apart."""
    return [events.activated(station, at=f"2026-04-{day:02}T16:00:00Z") for day in range(1, count + 1)]


async def holds(sql: asyncpg.Connection, *history: Json) -> None:
    """The rows are what the rules say of these events."""
    assert await stored.difference(sql, rules.history_of(history, ZONE)) is None


async def test_a_boot_that_is_not_the_first_writes_no_token_and_no_subject(
    recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection
) -> None:
    first, *later = boots(6)
    await recorder.record(log.batch(events.order(["T1"]), events.applied("T1", "S1"), first))
    before = await stored.contents(sql)
    assert await recorder.record(log.batch(*later)) == Recorded(5, 0, 0, 0, 0)
    after = await stored.contents(sql)
    for table in ("subjects", "tokens", "spans", "outbox"):
        assert after[table] == before[table], table
    assert len(after["segments"]) == len(before["segments"]) + 1


async def test_an_earlier_activation_that_comes_late_starts_the_term(
    recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection
) -> None:
    history = [events.order(["T1"]), events.applied("T1", "S1"), *reversed(boots(5))]
    for each in history:
        await recorder.record(log.batch(each))
        await holds(sql, *history[: history.index(each) + 1])


@pytest.mark.parametrize("at_once", [False, True], ids=["one by one", "in one batch"])
async def test_activations_come_back_from_the_journal_when_the_first_is_retracted(
    at_once: bool, recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection
) -> None:
    reports = boots(7)
    # Others that stand in the same segments, and one of another station at the same instants.
    history = [events.order(["T1", "T2"]), events.applied("T1", "S1"), *reports, *boots(2, "S2")]
    await recorder.record(log.batch(*history))
    retractions = [events.retracted(each) for each in reports]
    if at_once:
        await recorder.record(log.batch(*retractions[:5]))
        await holds(sql, *history, *retractions[:5])
    else:
        for count, each in enumerate(retractions, 1):
            await recorder.record(log.batch(each))
            await holds(sql, *history, *retractions[:count])


async def test_many_stations_whose_first_activation_is_retracted_begin_at_their_second(
    recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection
) -> None:
    """More of them than are restored in one reading of the journal."""
    names = [f"S{number}" for number in range(STATIONS_AT_ONCE + 3)]
    history = [events.order([f"T-{name}" for name in names])]
    for name in names:
        history += [events.applied(f"T-{name}", name), *boots(2, name)]
    await recorder.record(log.batch(*history))
    retractions = [
        events.retracted(each)
        for each in history
        if each["data"].get("activated_at", "").startswith("2026-04-01")
    ]
    assert len(retractions) == len(names)
    await recorder.record(log.batch(*retractions))
    await holds(sql, *history, *retractions)


async def test_what_comes_back_leaves_out_what_the_same_batch_takes_back(
    recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection
) -> None:
    """The batch that exhausts a station also brings activations, one of them with its retraction."""
    reports = boots(4)
    history = [events.order(["T1"]), events.applied("T1", "S1"), *reports]
    await recorder.record(log.batch(*history))
    fresh = events.activated("S1", at="2026-04-25T16:00:00Z")
    unsaid = events.activated("S1", at="2026-04-24T16:00:00Z")
    batch = [
        unsaid,
        *(events.retracted(each) for each in reports),
        fresh,
        events.retracted(unsaid),
    ]
    await recorder.record(log.batch(*batch))
    await holds(sql, *history, *batch)


async def test_a_placeholder_keeps_a_retracted_activation_out_of_what_comes_back(
    recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection
) -> None:
    reports = boots(4)
    early = events.retracted(reports[1])
    history = [early, events.order(["T1"]), events.applied("T1", "S1"), *reports]
    for each in history:
        await recorder.record(log.batch(each))
    retractions = [events.retracted(each) for each in reports[:1]]
    await recorder.record(log.batch(*retractions))
    await holds(sql, *history, *retractions)


async def test_random_activations_and_retractions_of_a_few_stations(
    recorder: PostgresRecorder, sql: asyncpg.Connection
) -> None:
    for seed in range(1, 7):
        await stored.emptied(sql)
        log = Log()
        await log.begin(recorder)
        history = boots_and_retractions(random.Random(seed))
        for start in range(0, len(history), 6):
            await recorder.record(log.batch(*history[start : start + 6]))
            found = await stored.difference(sql, rules.history_of(history[: start + 6], ZONE))
            assert found is None, f"seed {seed}: {found}"


def boots_and_retractions(chance: random.Random) -> list[Json]:
    """Three tokens, two stations, and most of their activations taken back, in any order."""
    reports = [
        events.activated(
            chance.choice(["S1", "S2"]),
            at=f"2026-04-{chance.randint(1, 28):02}T16:00:00Z",
            time="2026-05-01T16:00:00Z",
            token=chance.choice([None, None, "T1", "T3"]),
        )
        for _ in range(24)
    ]
    history = [
        events.order(["T1", "T2"]),
        events.applied("T1", "S1"),
        events.applied("T2", "S2"),
        *reports,
        *(events.retracted(each) for each in chance.sample(reports, 18)),
    ]
    chance.shuffle(history)
    return history
