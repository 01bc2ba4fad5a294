"""One event may touch ten thousand tokens: it is worked through in bounded memory, and packed once."""

import asyncio
import time
import tracemalloc

import asyncpg
import pytest

from projections.recorder import PostgresRecorder, refolding
from tests import events
from tests.projections.recorder import stored
from tests.projections.recorder.log import Log
from tests.reference import rules
from tests.reference.histories import ZONE

WIDE = 10_000
MEGABYTE = 1024 * 1024
SERIALS = [f"T{number:05}" for number in range(WIDE)]


async def test_a_correction_of_ten_thousand_tokens_keeps_within_its_memory(
    recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That of as many tokens as are folded at once, here five hundred, and of the serials."""
    monkeypatch.setattr(refolding, "TOKENS_AT_ONCE", 500)
    placed = events.order(SERIALS)
    await recorder.record(log.batch(placed, events.shipped(SERIALS[:10])))
    corrections = [
        events.order(SERIALS, revision=revision, customer_name=f"Customer {revision}")
        for revision in range(1, 6)
    ]
    batch = log.batch(*corrections)
    tracemalloc.start()
    recorded = await recorder.record(batch)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert recorded.tokens == WIDE, "each is written once, whatever it is touched by"
    assert peak < 8 * MEGABYTE, f"{peak / MEGABYTE:.0f} MB"
    names = await sql.fetch("select distinct customer_name from tokens")
    assert [name for (name,) in names] == ["Customer 5"]


async def test_a_first_activation_reaches_all_tokens_ever_applied_to_its_station(
    recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refolding, "TOKENS_AT_ONCE", 100)
    count = 1_050
    history = [
        events.order(SERIALS[:count]),
        *(events.applied(serial, "S1", at="2026-03-02T16:00:00Z") for serial in SERIALS[:count]),
    ]
    for start in range(0, len(history), 300):
        await recorder.record(log.batch(*history[start : start + 300]))
    activated = events.activated("S1")
    assert (await recorder.record(log.batch(activated))).tokens == count
    assert await stored.difference(sql, rules.history_of([*history, activated], ZONE)) is None


async def test_activations_come_back_from_a_long_journal_within_their_memory(
    recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection
) -> None:
    """A station boots for years, each time in another segment, among the events of others."""
    first = events.activated("S1", at="2026-03-01T16:00:00Z")
    await recorder.record(log.batch(events.order(["T1"]), events.applied("T1", "S1"), first))
    for day in range(1, 29):
        at = f"2026-04-{day:02}T16:00:00Z"
        others = [events.activated(f"S{number}", at=at) for number in range(2, 500)]
        await recorder.record(log.batch(events.activated("S1", at=at), *others))
    batch = log.batch(events.retracted(first))
    tracemalloc.start()
    await recorder.record(batch)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * MEGABYTE, f"{peak / MEGABYTE:.0f} MB"
    assert await sql.fetchval("select activation_date::text from tokens") == "2026-04-01"


async def test_the_loop_goes_on_while_many_tokens_are_folded(
    recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection
) -> None:
    """Heartbeats share the loop: no stretch of work may keep it for a second."""
    longest = 0.0
    done = False

    async def beat() -> None:
        nonlocal longest
        while not done:
            before = time.monotonic()
            await asyncio.sleep(0.005)
            longest = max(longest, time.monotonic() - before)

    beating = asyncio.create_task(beat())
    batch = log.batch(events.order(SERIALS), events.shipped(SERIALS))
    await recorder.record(batch)
    done = True
    await beating
    assert longest < 1.0, f"{longest:.2f} s"
