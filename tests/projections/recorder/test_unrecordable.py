"""What Postgres refuses is found by halving and kept as a dead letter; its neighbours are stored."""

import asyncpg
import pytest

from lifecycle.recording import Batch, OffsetsMoved, Recorded, Unavailable
from projections.recorder import PostgresRecorder, refolding, transaction
from tests import events
from tests.events import Json
from tests.projections.recorder import stored
from tests.projections.recorder.log import Log
from tests.projections.recorder.waiting import held
from tests.reference import rules
from tests.reference.histories import ZONE, random_history
from tests.reference.instants import instant

NOW = instant("2026-07-01T12:00:00Z")


async def refuse(sql: asyncpg.Connection, serial: str, errcode: str) -> None:
    """Have Postgres refuse every row of a token with an error of this class."""
    await sql.execute(
        f"""
        create function refuse() returns trigger language plpgsql as $$
        begin raise exception 'it refuses {serial}' using errcode = '{errcode}'; end $$;
        create trigger refuse before insert or update on tokens for each row
            when (new.token_serial = '{serial}') execute function refuse();
        """
    )


def orders(count: int) -> list[Json]:
    """Orders of one token each, T0 and on."""
    return [events.order([f"T{number}"], sales_order=f"SO-{number}") for number in range(count)]


@pytest.mark.parametrize("errcode", ["22000", "23514", "54000"])
async def test_one_offender_among_many_becomes_a_dead_letter(
    errcode: str, recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection
) -> None:
    await refuse(sql, "T13", errcode)
    placed = orders(40)
    assert await recorder.record(log.batch(*placed)) == Recorded(39, 0, 1, 39, 39)
    [letter] = await sql.fetch("select * from dead_letters")
    assert (letter["rule"], letter["event_id"], letter["offset"]) == ("unrecordable", placed[13]["id"], 13)
    assert "it refuses T13" in letter["message"]
    assert letter["value"] == events.encoded(placed[13])
    assert await stored.difference(sql, rules.history_of(placed[:13] + placed[14:], ZONE)) is None
    assert await stored.offsets(sql) == {("orders", 0): 40}


async def test_what_was_refused_can_be_sent_again_after_the_fix(
    recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection
) -> None:
    await refuse(sql, "T1", "22000")
    placed = orders(3)
    await recorder.record(log.batch(*placed))
    await sql.execute("drop trigger refuse on tokens")
    assert await recorder.record(log.batch(placed[1])) == Recorded(1, 0, 0, 1, 1)


async def test_a_batch_of_several_partitions_is_halved_in_order(
    recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection
) -> None:
    await refuse(sql, "T5", "22000")
    received = [log.append(each, log.partitions[number % 5]) for number, each in enumerate(orders(23))]
    assert (await recorder.record(log.batch_of(received))).dead_letters == 1
    assert sum((await stored.offsets(sql)).values()) == 23


async def test_what_postgres_fails_at_for_other_reasons_is_nobodys_fault(
    recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection
) -> None:
    """An error that nobody knows ends the worker, loudly, and stores nothing."""
    before = await stored.contents(sql)
    await refuse(sql, "T1", "XX000")
    with pytest.raises(asyncpg.PostgresError, match="it refuses T1"):
        await recorder.record(log.batch(*orders(3)))
    assert await stored.contents(sql) == before


async def test_a_first_half_that_is_stored_is_not_tried_again(
    recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection
) -> None:
    """The database goes away between the halves: the consumer must read its places anew."""
    await refuse(sql, "T0", "22000")
    await sql.execute(
        """
        create function away() returns trigger language plpgsql as $$
        begin perform pg_terminate_backend(pg_backend_pid()); return new; end $$;
        create trigger away before insert on tokens for each row
            when (new.token_serial = 'T3') execute function away();
        """
    )
    batch = log.batch(*orders(4))
    with pytest.raises(OffsetsMoved):
        await recorder.record(batch)
    assert 0 < (await stored.offsets(sql))["orders", 0] < 4
    await sql.execute("drop trigger away on tokens")
    place = (await stored.offsets(sql))["orders", 0]
    rest = Batch(batch.received[place:], [batch.advances[0]._replace(expected=place)])
    await recorder.record(rest)
    assert await sql.fetchval("select count(*) from tokens") == 3


async def test_a_lost_connection_leaves_nothing_and_the_batch_is_as_good_as_before(
    recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection
) -> None:
    await recorder.record(log.batch(*orders(2)))
    before = await stored.contents(sql)
    batch = log.batch(events.shipped(["T1"]), events.order(["T9"], sales_order="SO-9"))
    await sql.execute(
        """
        create function away() returns trigger language plpgsql as $$
        begin perform pg_terminate_backend(pg_backend_pid()); return new; end $$;
        create trigger away before insert on outbox for each row execute function away();
        """
    )
    with pytest.raises(Unavailable):
        await recorder.record(batch)
    assert await stored.contents(sql) == before
    await sql.execute("drop trigger away on outbox")
    assert (await recorder.record(batch)).events == 2


async def test_an_error_that_passes_leaves_the_batch_to_be_tried_again(
    recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection
) -> None:
    """Serialization, deadlock, memory, disk, cancelled, shut down, lock, demoted primary, connection."""
    before = await stored.contents(sql)
    batch = log.batch(*orders(3))
    for errcode in ("40001", "40P01", "53200", "53100", "57014", "57P01", "55P03", "25006", "08006"):
        await refuse(sql, "T1", errcode)
        with pytest.raises(Unavailable, match="it refuses T1"):
            await recorder.record(batch)
        assert await stored.contents(sql) == before, errcode
        await sql.execute("drop function refuse cascade")
    assert (await recorder.record(batch)).events == 3


async def test_a_transaction_that_hangs_is_given_up_and_tried_again(
    database_url: str,
    recorder: PostgresRecorder,
    log: Log,
    sql: asyncpg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("projections.recorder.recorder.STATEMENT_SECONDS", 0.3)
    batch = log.batch(*orders(3))
    async with held(database_url, "lock table tokens in access exclusive mode"):
        with pytest.raises(Unavailable):
            await recorder.record(batch)
    monkeypatch.setattr("projections.recorder.recorder.STATEMENT_SECONDS", 30)
    assert (await recorder.record(batch)).events == 3


async def test_a_transaction_that_fails_anywhere_leaves_nothing(
    recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection
) -> None:
    await recorder.record(log.batch(*orders(2)))
    before = await stored.contents(sql)
    moved = events.transferred(["T1"])
    batch = log.batch(events.shipped(["T1"]), moved, b"no event", events.retracted(moved), *orders(3)[2:])
    for table in ("segments", "tokens", "subjects", "events", "outbox", "dead_letters"):
        await sql.execute(
            f"""
            create function fail() returns trigger language plpgsql as $$
            begin raise exception 'no' using errcode = 'XX000'; end $$;
            create trigger fail after insert or update on {table} execute function fail();
            """
        )
        with pytest.raises(asyncpg.PostgresError, match="no"):
            await recorder.record(batch)
        assert await stored.contents(sql) == before, table
        await sql.execute("drop function fail cascade")
    assert (await recorder.record(batch)).events == 4


async def test_a_batch_that_touches_too_many_tokens_is_halved(
    recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transaction, "TOKENS_A_TRANSACTION", 3)
    monkeypatch.setattr(refolding, "TOKENS_AT_ONCE", 2)
    history = random_history(11, tokens=6, length=30)
    assert (await recorder.record(log.batch(*history))).events == 30
    assert await stored.difference(sql, rules.history_of(history, ZONE)) is None
    assert await sql.fetchval("select count(*) from outbox") > 1, "several transactions"
    assert await sql.fetchval("select count(*) from dead_letters") == 0


async def test_one_event_of_too_many_tokens_is_recorded_all_the_same(
    recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transaction, "TOKENS_A_TRANSACTION", 3)
    wide = events.order([f"T{number}" for number in range(10)])
    assert (await recorder.record(log.batch(wide, b"no event", wide))).tokens == 10


@pytest.mark.parametrize(
    "timestamp_ms", [-1, -(2**63), 2**63 - 1, 10**15], ids=["none", "least", "most", "the year 33658"]
)
async def test_a_dead_letter_keeps_whatever_time_its_producer_gave_it(
    timestamp_ms: int, recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection
) -> None:
    """Kafka takes any number for the time of a message; one that no calendar has must not stop the worker."""
    received = log.append(b"no event", timestamp_ms=timestamp_ms)
    neighbour = log.append(events.order(["T1"]), timestamp_ms=timestamp_ms)
    assert await recorder.record(log.batch_of([received, neighbour])) == Recorded(1, 0, 1, 1, 1)
    assert await sql.fetchval("select published_at is not null from dead_letters")


async def test_dead_letters_keep_all_that_came(
    recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection
) -> None:
    odd = [
        None,
        b"",
        b"\xff\xfe\x00",
        b"[]",
        events.encoded(events.order(["T\0"])),
        events.encoded({**events.order(["T1"]), "id": "\0"}),
        events.encoded({**events.order(["T1"]), "a\0b": 1}),
        events.encoded({**events.order(["T1"]), "type": "nul \0 type"}),
        events.encoded(events.order(["T1"])).replace(b"T1", b"\\ud800"),
        events.encoded({**events.order(["T1"]), "source": "\U0001f50c" * 501}),
        b"{" * 100_000,
    ]
    headers = (("content-type", b"\xff"), ("empty", b""), ("nul", b"\0"))
    received = [log.append(each, headers=headers if each else ()) for each in odd]
    recorded = await recorder.record(log.batch_of([*received, log.append(events.order(["T1"]))]))
    assert recorded == Recorded(1, 0, len(odd), 1, 1)
    values = await sql.fetch('select value from dead_letters order by "offset"')
    assert [value for (value,) in values] == odd
