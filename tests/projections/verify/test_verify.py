"""Nothing is found where nothing is wrong, in any number of passes; and what is due is said."""

import random

import asyncpg
import pytest

from lifecycle.calendar import Calendar
from projections import rebuild as rebuilding
from projections.outbox import PostgresOutbox
from projections.rebuild import rebuild
from projections.recorder import PostgresRecorder
from tests import events
from tests.projections.recorder import stored
from tests.projections.recorder.conftest import Clock
from tests.projections.recorder.log import Log, spread
from tests.projections.recorder.test_random_histories import record_all
from tests.projections.verify.conftest import Verify
from tests.reference.histories import INSTANTS, ZONE, random_history, shuffled
from tests.reference.instants import instant

FAR_ZONE = "Asia/Kathmandu"


@pytest.mark.parametrize("seed", range(1, 31))
async def test_what_the_recorder_stored_is_what_the_journal_says(
    seed: int, recorder: PostgresRecorder, log: Log, clock: Clock, verified: Verify
) -> None:
    """Whatever came late, twice, or was taken back; in one pass and in several."""
    chance = random.Random(seed)
    clock.now = instant(chance.choice(INSTANTS))
    history = random_history(seed, tokens=6, length=80)
    await record_all(recorder, spread(log, shuffled(history, seed, duplicates=0.2), chance, 0, 12))
    for passes in (1, 3):
        found = await verified(passes=passes)
        assert (found.count, found.differences) == (0, [])
        assert found.events == len(history)


async def test_many_tokens_take_many_passes(
    company: list[events.Json], verified: Verify, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("projections.verify.verify.TOKENS_A_PASS", 4)
    monkeypatch.setattr("projections.verify.token_rows.ROWS_AT_ONCE", 2)
    read: list[tuple[int, int]] = []
    found = await verified(on_progress=lambda *progress: read.append(progress))
    assert found.passes > 4
    assert found.count == 0
    assert read[-1] == (len(company) * (found.passes + 1),) * 2


async def test_a_clock_that_has_not_come_round_yet_is_no_difference(
    company: list[events.Json], verified: Verify, clock: Clock, database_url: str
) -> None:
    clock.now += 400 * 86_400_000_000
    assert (await verified()).count == 0
    outbox = PostgresOutbox(database_url, Calendar(ZONE), clock)
    await outbox.lead()
    while await outbox.tick():
        pass
    await outbox.close()
    assert (await verified()).count == 0


async def test_an_empty_database_has_nothing_wrong(verified: Verify) -> None:
    found = await verified()
    assert (found.tokens, found.events, found.count, found.rebuild_due) == (0, 0, 0, None)


async def test_what_a_retraction_leaves_behind_is_right(
    recorder: PostgresRecorder, log: Log, verified: Verify, sql: asyncpg.Connection
) -> None:
    """A row without facts where the fact came first, no row where its retraction did."""
    one, other = events.applied("T1", "S1"), events.applied("T2", "S2")
    for event in (one, events.retracted(one), events.retracted(other), other):
        await recorder.record(log.batch(event))
    assert [row[0] for row in await sql.fetch("select token_serial from tokens")] == ["T1"]
    assert (await verified()).count == 0


async def test_rows_of_two_zones_are_due_for_a_rebuild_and_verified_each_by_its_own(
    company: list[events.Json],
    verified: Verify,
    clock: Clock,
    database_url: str,
    sql: asyncpg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rebuilding, "TOKENS_A_CHUNK", 5)
    found = await verified(FAR_ZONE)
    assert found.count == 0
    assert found.rebuild_due is not None
    assert FAR_ZONE in found.rebuild_due

    def interrupt(done: int, total: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await rebuild(database_url, Calendar(FAR_ZONE), clock, on_progress=interrupt)
    assert await sql.fetchval("select count(distinct fold_version) from tokens") == 2
    found = await verified(FAR_ZONE)
    assert (found.count, found.not_folded) == (0, 0)
    assert found.rebuild_due is not None
    await rebuild(database_url, Calendar(FAR_ZONE), clock)
    found = await verified(FAR_ZONE)
    assert (found.count, found.rebuild_due) == (0, None)


async def test_rows_of_other_rules_are_counted_and_their_facts_compared(
    tampered: asyncpg.Connection, verified: Verify
) -> None:
    await tampered.execute("update fold_versions set rules = 0")
    await tampered.execute("update tokens set org_id = 'of other rules'")
    found = await verified()
    assert (found.count, found.not_folded) == (0, found.tokens)
    assert found.rebuild_due is not None


async def test_nothing_is_written(
    company: list[events.Json], verified: Verify, sql: asyncpg.Connection
) -> None:
    before = await stored.contents(sql)
    await verified(passes=2)
    assert await stored.contents(sql) == before
