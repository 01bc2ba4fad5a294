"""The journal: every event once, byte for byte as it came, found again by what it names."""

import asyncpg
import msgspec

from lifecycle.recording import Message, Received
from projections.recorder import PostgresRecorder, journal
from projections.recorder.journal import MESSAGES_A_SEGMENT, Kind
from tests import events
from tests.projections.recorder.log import Log

BINARY = (
    ("ce_specversion", b"1.0"),
    ("ce_id", b"in binary mode"),
    ("ce_source", b"urn:test:erp"),
    ("ce_type", b"servicetokens.order.placed.v1"),
    ("ce_time", b"2026-01-10T17:00:00Z"),
    ("content-type", b"application/json"),
    ("trace", b"\x00\xff"),
)


async def journalled(sql: asyncpg.Connection) -> list[Message]:
    """All messages of all segments, in order."""
    bodies = await sql.fetch("select body from segments order by segment")
    return [message for (body,) in bodies for message in journal.unpack_segment(body)]


async def test_messages_are_kept_as_they_came(
    recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection
) -> None:
    """Blanks, the order of names, unknown fields and headers included."""
    spaced = b' {"zzz": [1.50, 1e3], ' + events.encoded(events.order(["T\u0131"]))[1:] + b"\r\n"
    data = msgspec.json.encode(events.order(["T2"], sales_order="SO-2")["data"])
    received = [
        log.append(spaced),
        log.append(data, headers=BINARY),
        log.append(b"no event"),
        log.append(events.shipped(["T2"]), headers=(), timestamp_ms=-1),
    ]
    assert (await recorder.record(log.batch_of(received))).events == 3
    assert await journalled(sql) == [received[0].message, received[1].message, received[3].message]


async def test_every_event_knows_its_segment_and_position(
    recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection
) -> None:
    count = 2 * MESSAGES_A_SEGMENT + 7
    placed = [events.order([f"T{number}"], sales_order=f"SO-{number}") for number in range(count)]
    batch = log.batch(*placed, placed[3])
    await recorder.record(batch)
    sizes = await sql.fetch("select messages from segments order by segment")
    assert [size for (size,) in sizes] == [MESSAGES_A_SEGMENT, MESSAGES_A_SEGMENT, 7]
    stored = await sql.fetch("select identity, segment, position from events order by segment, position")
    assert [row["identity"] for row in stored] == [_identity(each) for each in batch.received[:count]]
    places = {(row["segment"], row["position"]) for row in stored}
    segments = await sql.fetch("select segment, body from segments")
    assert places == {
        (segment, position)
        for segment, body in segments
        for position in range(len(journal.unpack_segment(body)))
    }


async def test_segments_are_found_by_every_subject_that_they_name(
    recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection
) -> None:
    placed = events.order(["T1"], lines=[events.order_line(["T1"]), events.order_line([], line="2")])
    naming = {
        (Kind.TOKEN, "T1"): [placed, events.unapplied("T1"), events.transferred(["T0", "T1"])],
        (Kind.LINE, "SO-1\x1f2"): [placed],
        (Kind.SHIPMENT, "SH-7"): [events.shipped(["T2"], shipment="SH-7")],
        (Kind.STATION, "S7"): [events.activated("S7"), events.applied("T3", "S7")],
        (Kind.TOKEN, "T4"): [events.activated("S8", token="T4"), events.returned(["T4"])],
        (Kind.RETRACTED, journal.retracted_key(placed["source"], placed["id"])): [events.retracted(placed)],
    }
    for each in {event["id"]: event for group in naming.values() for event in group}.values():
        await recorder.record(log.batch(each))
    await recorder.record(log.batch(events.order(["T9"], sales_order="SO-9")))
    for (kind, key), expected in naming.items():
        rows = await sql.fetch(
            "select body from segments where subjects @> array[$1::integer] order by segment",
            journal.subject_mark(kind, key),
        )
        found = [message.value for (body,) in rows for message in journal.unpack_segment(body)]
        assert found == [events.encoded(each) for each in expected], (kind, key)


async def test_what_a_transaction_did_not_store_is_not_in_the_journal(
    recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection
) -> None:
    repeated = events.order(["T1"])
    await recorder.record(log.batch(repeated))
    await recorder.record(log.batch(repeated, events.with_data(repeated, org_id="ORG-9"), b"no event"))
    assert len(await journalled(sql)) == 1


def _identity(received: Received) -> bytes:
    identity: bytes = received.parsed.identity  # type: ignore[union-attr]
    return identity
