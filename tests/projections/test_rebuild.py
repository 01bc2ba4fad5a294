"""The rebuild: rows folded anew in place, resumed where it stopped, beside workers, and nothing said twice."""

import asyncio
import itertools
import random
from types import SimpleNamespace

import asyncpg
import pytest

from lifecycle.calendar import Calendar
from projections import rebuild as module
from projections.fold_version import OlderFoldVersion, why_rebuild_is_due
from projections.http.app import create_app
from projections.outbox import PostgresOutbox
from projections.rebuild import RebuildUnderWay, rebuild
from projections.recorder import PostgresRecorder
from tests import events
from tests.projections.read.serving import served
from tests.projections.recorder import stored
from tests.projections.recorder.conftest import Clock, clock, log, recorder, sql
from tests.projections.recorder.log import Log, spread
from tests.projections.recorder.test_random_histories import record_all, wrongly_announced
from tests.projections.recorder.waiting import held, until_blocked
from tests.reference import rules
from tests.reference.histories import ZONE, random_history
from tests.reference.instants import instant

__all__ = ["clock", "log", "recorder", "sql"]

FAR_ZONE = "Asia/Kathmandu"
SEED = 7


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TOKENS_A_CHUNK", 2)


async def company(recorder: PostgresRecorder, log: Log) -> list[events.Json]:
    """A random history of 20 tokens, recorded."""
    history = random_history(SEED, tokens=20, length=200)
    await record_all(recorder, spread(log, history, random.Random(SEED), 0, 40))
    return history


async def test_what_was_tampered_with_is_as_the_facts_say_again(
    recorder: PostgresRecorder, log: Log, clock: Clock, sql: asyncpg.Connection, database_url: str
) -> None:
    history = await company(recorder, log)
    said = len(await stored.announcements(sql))
    serials = [row[0] for row in await sql.fetch("select token_serial from tokens order by 1")]
    await sql.execute("update tokens set station_name = 'elsewhere' where token_serial = $1", serials[0])
    await sql.execute("update tokens set expired_at = now() where token_serial = $1", serials[1])
    await sql.execute("update tokens set digest = '' where token_serial = $1", serials[2])
    await sql.execute("update tokens set anomalies = '{forged}' where token_serial = $1", serials[3])
    [spanned, cut] = [
        row[0] for row in await sql.fetch("select distinct token_serial from spans order by 1 limit 2")
    ]
    await sql.execute("update spans set org_name = 'nobody' where token_serial = $1", spanned)
    await sql.execute("delete from spans where token_serial = $1", cut)
    await sql.execute("insert into spans values ($1, '2020-01-01', '2020-01-02')", serials[4])
    tampered = {*serials[:5], spanned, cut}
    done = await rebuild(database_url, Calendar(ZONE), clock)
    assert (done.tokens, done.written) == (len(serials), len(tampered))
    assert await stored.difference(sql, rules.history_of(history, ZONE)) is None
    assert not await sql.fetchval("select count(*) from tokens where octet_length(digest) <> 16")
    assert (await rebuild(database_url, Calendar(ZONE), clock)).written == 0, "unchanged rows are not written"
    assert len(await stored.announcements(sql)) == said


async def test_the_clock_looks_again_at_what_it_had_lost(
    recorder: PostgresRecorder, log: Log, clock: Clock, sql: asyncpg.Connection, database_url: str
) -> None:
    await recorder.record(log.batch(events.order(["T1"]), events.shipped(["T1"], ship_date="2026-12-01")))
    due_at = await sql.fetchval("update tokens set due_at = null returning due_at")
    assert due_at is None
    await rebuild(database_url, Calendar(ZONE), clock)
    assert str(await sql.fetchval("select due_at from tokens")) == "2026-12-01 08:00:00+00:00"


async def test_an_interrupted_rebuild_goes_on_where_it_was(
    recorder: PostgresRecorder, log: Log, clock: Clock, sql: asyncpg.Connection, database_url: str
) -> None:
    await company(recorder, log)
    serials = [row[0] for row in await sql.fetch("select token_serial from tokens order by 1")]

    def interrupt(done: int, total: int) -> None:
        assert total == len(serials)
        if done == 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await rebuild(database_url, Calendar(ZONE), clock, on_progress=interrupt)
    resumed: list[str] = []
    done = await rebuild(database_url, Calendar(ZONE), clock, on_resume=resumed.append)
    assert (resumed, done.tokens) == ([serials[5]], len(serials) - 6)
    with pytest.raises(KeyboardInterrupt):
        await rebuild(database_url, Calendar(ZONE), clock, on_progress=interrupt)
    done = await rebuild(database_url, Calendar(ZONE), clock, restart=True, on_resume=resumed.append)
    assert (resumed, done.tokens) == ([serials[5]], len(serials))


@pytest.mark.parametrize(
    ("waited", "worked", "progress"),
    [(10, 1, [0, 2, 6, 11, 16, 20]), (1, 10, [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20])],
)
async def test_a_rebuild_that_mostly_waits_for_workers_takes_more_tokens_at_once(
    waited: int,
    worked: int,
    progress: list[int],
    recorder: PostgresRecorder,
    log: Log,
    clock: Clock,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Up to a bound: workers wait for it too, and memory is to stay flat."""
    await company(recorder, log)
    times = itertools.cycle([0, waited, waited + worked])
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: next(times)))
    monkeypatch.setattr(module, "MOST_TOKENS_A_CHUNK", 5)
    done: list[int] = []
    await rebuild(database_url, Calendar(ZONE), clock, on_progress=lambda count, _: done.append(count))
    assert done == progress


async def test_two_rebuilds_at_once_are_one_too_many(database_url: str, clock: Clock) -> None:
    async with held(database_url, f"select pg_advisory_lock({module.REBUILD_LOCK})"):
        with pytest.raises(RebuildUnderWay, match="under way"):
            await rebuild(database_url, Calendar(ZONE), clock)


async def test_rows_are_rebuilt_while_workers_record(
    recorder: PostgresRecorder, log: Log, clock: Clock, sql: asyncpg.Connection, database_url: str
) -> None:
    """Over and over, from end to end, beside batches that make and change rows all the while."""
    history = random_history(SEED, tokens=40, length=600)
    recording = asyncio.create_task(record_all(recorder, spread(log, history, random.Random(SEED), 0, 20)))
    rebuilds = 0
    while not recording.done():
        await rebuild(database_url, Calendar(ZONE), clock)
        rebuilds += 1
    await recording
    assert rebuilds > 1
    histories = rules.history_of(history, ZONE)
    assert await stored.difference(sql, histories) is None
    assert await wrongly_announced(sql, histories, clock.now) is None


async def test_another_zone_is_due_until_all_rows_have_it(
    recorder: PostgresRecorder, log: Log, clock: Clock, sql: asyncpg.Connection, database_url: str
) -> None:
    history = await company(recorder, log)
    assert await why_rebuild_is_due(sql, Calendar(ZONE)) is None
    due = await why_rebuild_is_due(sql, Calendar(FAR_ZONE))
    assert due is not None
    assert f"zone {ZONE}" in due
    assert f"zone {FAR_ZONE}" in due
    newer = PostgresRecorder(database_url, Calendar(FAR_ZONE), clock)
    await newer.open()
    due = await why_rebuild_is_due(sql, Calendar(FAR_ZONE))
    assert due is not None
    assert "some rows" in due

    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await rebuild(database_url, Calendar(FAR_ZONE), clock, on_progress=interrupt)
    assert await why_rebuild_is_due(sql, Calendar(FAR_ZONE)) == due, "half of the rows are not all"
    async with served(create_app(database_url, FAR_ZONE, clock)) as client:
        answer = await client.get("/readyz")
        assert (answer.status_code, answer.json()["reasons"]) == (503, [due])
        await rebuild(database_url, Calendar(FAR_ZONE), clock)
        assert (await client.get("/readyz")).status_code == 200
    assert await why_rebuild_is_due(sql, Calendar(FAR_ZONE)) is None
    assert await stored.difference(sql, rules.history_of(history, FAR_ZONE)) is None

    late = events.applied("T1", "S-new", at="2026-03-03T07:00:00Z")
    await newer.record(log.batch(late))
    await newer.close()
    assert await stored.difference(sql, rules.history_of([*history, late], FAR_ZONE)) is None
    with pytest.raises(KeyboardInterrupt):
        await rebuild(database_url, Calendar(ZONE), clock, on_progress=interrupt)
    assert await why_rebuild_is_due(sql, Calendar(ZONE)) is not None, "it was whole once, and is no more"
    await rebuild(database_url, Calendar(ZONE), clock)
    assert await why_rebuild_is_due(sql, Calendar(ZONE)) is None
    assert await why_rebuild_is_due(sql, Calendar(FAR_ZONE)) is not None, (
        "the former one is not whole any more"
    )
    assert await stored.difference(sql, rules.history_of([*history, late], ZONE)) is None


async def test_what_another_zone_changes_is_announced_once(
    recorder: PostgresRecorder, log: Log, clock: Clock, sql: asyncpg.Connection, database_url: str
) -> None:
    clock.now = instant("2026-07-01T20:00:00Z")  # the second of July begins in Kathmandu first
    await recorder.record(log.batch(events.order(["T1"]), events.shipped(["T1"], ship_date="2026-07-02")))
    for _ in range(2):
        await rebuild(database_url, Calendar(FAR_ZONE), clock)
    said = [(each.sequence, each.from_status, each.to_status) for each in await stored.announcements(sql)]
    assert said == [(1, None, "New"), (2, "New", "Available")]


async def test_an_older_worker_refuses_to_write(
    recorder: PostgresRecorder, log: Log, clock: Clock, sql: asyncpg.Connection, database_url: str
) -> None:
    """One that runs, at its next batch; one that starts, at once; and so does its clock."""
    outbox = PostgresOutbox(database_url, Calendar(ZONE), clock)
    await outbox.lead()
    await recorder.record(log.batch(events.order(["T1"]), events.shipped(["T1"], ship_date="2026-12-01")))
    await rebuild(database_url, Calendar(FAR_ZONE), clock)
    before = await stored.contents(sql)
    with pytest.raises(OlderFoldVersion, match=f"{ZONE}.*{FAR_ZONE}.*TOKENS_ZONE.*tokens rebuild"):
        await recorder.record(log.batch(events.order(["T2"], sales_order="SO-2")))
    clock.now += 365 * 86_400_000_000
    with pytest.raises(OlderFoldVersion):
        await outbox.tick()
    await outbox.close()
    starting = PostgresRecorder(database_url, Calendar(ZONE), clock)
    with pytest.raises(OlderFoldVersion):
        await starting.open()
    await starting.close()
    assert await stored.contents(sql) == before


async def test_what_an_older_worker_was_still_writing_is_rebuilt_too(
    recorder: PostgresRecorder, log: Log, clock: Clock, sql: asyncpg.Connection, database_url: str
) -> None:
    """It has looked at the version, and has not written yet, when the rebuild begins."""
    history = [events.order(["T5"]), events.shipped(["T5"])]
    await recorder.record(log.batch(history[0]))
    later = events.order(["T1"], sales_order="SO-2")
    async with held(database_url, "lock table subjects in share mode"):
        recording = asyncio.create_task(recorder.record(log.batch(history[1], later)))
        await until_blocked(sql, 1)
        rebuilding = asyncio.create_task(rebuild(database_url, Calendar(FAR_ZONE), clock))
        await until_blocked(sql, 2)
    await recording
    await rebuilding
    assert await stored.difference(sql, rules.history_of([*history, later], FAR_ZONE)) is None
