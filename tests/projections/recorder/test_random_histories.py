"""Random histories through the real recorder: the rows are the reference's, whatever order and batches.

`RANDOM_HISTORIES` says how many (150 by default; here a third of them), `RANDOM_SEED` which is the first (1).
"""

import asyncio
import os
import random
from collections.abc import Iterable

import asyncpg
import pytest

from lifecycle.calendar import Calendar
from lifecycle.recording import Batch
from projections.query.arguments import Arguments
from projections.query.report import Report
from projections.query.scope import AllOrganizations
from projections.query.tallies import tally_sql
from projections.recorder import PostgresRecorder
from tests.events import Json
from tests.projections.recorder import stored
from tests.projections.recorder.conftest import Clock
from tests.projections.recorder.log import Log, spread, written_out
from tests.reference import rules
from tests.reference.histories import INSTANTS, ZONE, random_history, shuffled
from tests.reference.instants import instant

ALIKE = "status, activation_date, expiration_date"
FIRST_SEED = int(os.environ.get("RANDOM_SEED", "1"))
SEEDS = range(FIRST_SEED, FIRST_SEED + max(int(os.environ.get("RANDOM_HISTORIES", "150")) // 3, 1))
SEEDS_AT_ONCE = 10


async def record_all(recorder: PostgresRecorder, batches: Iterable[Batch]) -> None:
    for batch in batches:
        await recorder.record(batch)


async def judge(sql: asyncpg.Connection, history: list[Json], now: int) -> str | None:
    """In words, what is wrong with what is stored of the history; None: nothing."""
    histories = rules.history_of(history, ZONE)
    found = await stored.difference(sql, histories)
    if found is not None:
        return found
    if await sql.fetchval("select count(*) from dead_letters"):
        return "there are dead letters"
    if await sql.fetchval("select count(*) from events where content is not null") != len(history):
        return "not every event is in the journal once"
    return await wrongly_announced(sql, histories, now) or await wrongly_tallied(sql, histories)


async def wrongly_tallied(sql: asyncpg.Connection, histories: dict[str, rules.History]) -> str | None:
    """At some instants, tokens counted by what they are alike in are those of the report."""
    instants = stored.instants_that_matter(histories)
    for at in instants[:: max(len(instants) // 8, 1)]:
        report, arguments = Report(AllOrganizations(), at, Calendar(ZONE)), Arguments()
        tally = await tally_sql(sql, report, f"{ALIKE}, sum(tokens)::int", arguments)
        assert tally is not None
        counted = await sql.fetch(f"{tally} group by {ALIKE} having sum(tokens) <> 0", *arguments.values)
        in_report = f"select {ALIKE}, count(*)::int from service_tokens_at($1) group by {ALIKE}"
        shown = await sql.fetch(in_report, stored.moment(at))
        if set(map(tuple, counted)) != set(map(tuple, shown)):
            return f"at {stored.moment(at)} {counted} are tallied, and {shown} are there"
    return None


async def wrongly_announced(
    sql: asyncpg.Connection, histories: dict[str, rules.History], now: int
) -> str | None:
    """Each token's announcements count up from 1, each from where the last one left it, to its status now."""
    reached: dict[str, tuple[int, str | None]] = {}
    for said in await stored.announcements(sql):
        before = reached.get(said.token_serial, (0, None))
        if (said.sequence - 1, said.from_status) != before or said.from_status == said.to_status:
            return f"{said} comes after {before}"
        reached[said.token_serial] = (said.sequence, said.to_status)
    for serial, history in histories.items():
        announced = reached.get(serial, (0, None))[1]
        if announced != history.stages.at(now):
            return f"{serial} was announced as {announced} where the rules say {history.stages.at(now)}"
    return None


@pytest.mark.parametrize("first", SEEDS[::SEEDS_AT_ONCE])
async def test_rows_follow_from_the_set_of_events(
    first: int, recorder: PostgresRecorder, clock: Clock, sql: asyncpg.Connection
) -> None:
    for seed in range(first, min(first + SEEDS_AT_ONCE, SEEDS.stop)):
        chance = random.Random(seed)
        clock.now = instant(chance.choice(INSTANTS))
        await stored.emptied(sql)
        log = Log()
        await log.begin(recorder)
        history = random_history(seed)
        batches = spread(log, shuffled(history, seed, duplicates=0.2), chance, 0, chance.choice([1, 5, 40]))
        await record_all(recorder, batches)
        found = await judge(sql, history, clock.now)
        assert found is None, f"seed {seed}: {found}\nfrom these batches:\n{written_out(batches)}"


@pytest.mark.parametrize("first", SEEDS[::SEEDS_AT_ONCE])
async def test_rows_are_the_same_when_two_workers_race(
    first: int,
    recorder: PostgresRecorder,
    another_recorder: PostgresRecorder,
    clock: Clock,
    sql: asyncpg.Connection,
) -> None:
    for seed in range(first, min(first + SEEDS_AT_ONCE, SEEDS.stop)):
        chance = random.Random(seed)
        await stored.emptied(sql)
        log = Log()
        await log.begin(recorder)
        history = random_history(seed, length=40)
        delivery = shuffled(history, seed, duplicates=0.4)
        shares: tuple[list[Json], list[Json]] = ([], [])
        for event in delivery:
            shares[chance.randrange(2)].append(event)
        batches = [spread(log, share, chance, number, 6) for number, share in enumerate(shares)]
        await asyncio.gather(record_all(recorder, batches[0]), record_all(another_recorder, batches[1]))
        found = await judge(sql, history, clock.now)
        assert found is None, (
            f"seed {seed}, in this run: {found}\nfrom these batches of the one:\n{written_out(batches[0])}\n"
            f"and these of the other:\n{written_out(batches[1])}"
        )


async def test_a_larger_company_in_batches_that_two_workers_share(
    recorder: PostgresRecorder, another_recorder: PostgresRecorder, clock: Clock, sql: asyncpg.Connection
) -> None:
    """Many tokens and long histories, so that the batches meet at most of the locks' buckets."""
    log = Log()
    await log.begin(recorder)
    chance = random.Random(FIRST_SEED)
    history = random_history(FIRST_SEED, tokens=60, length=1500)
    delivery = shuffled(history, FIRST_SEED)
    half = len(delivery) // 2
    one = spread(log, delivery[:half], chance, 0, 200)
    other = spread(log, delivery[half:], chance, 1, 200)
    await asyncio.gather(record_all(recorder, one), record_all(another_recorder, other))
    assert await judge(sql, history, clock.now) is None, f"seed {FIRST_SEED}"


async def test_a_worker_of_another_zone_folds_by_its_own_midnights(
    database_url: str, clock: Clock, sql: asyncpg.Connection
) -> None:
    """The zone is part of the fold's version: rows say which one they were folded with."""
    zone = "Asia/Kathmandu"
    recorder = PostgresRecorder(database_url, Calendar(zone), clock)
    await recorder.open()
    log = Log()
    await log.begin(recorder)
    history = random_history(FIRST_SEED)
    await record_all(recorder, spread(log, history, random.Random(FIRST_SEED), 0, 10))
    await recorder.close()
    assert await stored.difference(sql, rules.history_of(history, zone)) is None
    zones = await sql.fetch("select distinct zone from tokens join fold_versions using (fold_version)")
    assert [each for (each,) in zones] == [zone]
