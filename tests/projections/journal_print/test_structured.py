"""A line is the event that was recorded: the same identity, content and row, published again."""

import json
import random

import asyncpg

from lifecycle.recording import Message
from projections.journal_print.structured import structured
from projections.recorder import PostgresRecorder
from schemas.envelope import Event, parse
from tests import events
from tests.projections.journal_print.conftest import Print
from tests.projections.recorder import stored
from tests.projections.recorder.log import Log, spread
from tests.projections.recorder.test_random_histories import record_all
from tests.reference import rules
from tests.reference.histories import ZONE, random_history

BINARY = (
    ("ce_specversion", b"1.0"),
    ("ce_id", 'of "the" portal, é'.encode()),
    ("ce_source", b"urn:test:portal"),
    ("CE_Type", b"servicetokens.token.applied.v1"),
    ("ce_time", b"2026-03-02T16:00:00Z"),
    ("ce_data", b"stands for nothing"),
    ("content-type", b"application/json; charset=utf-8"),
    ("trace", b"\x00\xff"),
)


def message(value: bytes, headers: tuple[tuple[str, bytes], ...] = ()) -> Message:
    return Message("orders", 0, 0, 0, None, headers, value)


def test_a_structured_message_is_printed_byte_for_byte() -> None:
    exact = b'{"zzz": [1.50, 1e3, 12345678901234567890123], "text": "\\u0131 \xc4\xb1 \\n"}'
    assert structured(message(exact)) == exact


def test_a_message_of_several_lines_becomes_one() -> None:
    event = events.order(["T1"], customer_name="a\nb")
    spaced = b"\r\n" + json.dumps(event, indent=2).replace("\n", "\r\n").encode() + b"\n"
    line = structured(message(spaced))
    assert b"\n" not in line
    assert b"\r" not in line
    assert json.loads(line) == event


def test_a_binary_message_is_put_together() -> None:
    data = (
        b'{"token_serial": "T1",\n "station_serial": "S1", "applied_at": "2026-03-02T16:00:00Z", "x": 1.50}'
    )
    line = structured(message(data, BINARY))
    assert line.endswith(b'"data": ' + data.replace(b"\n", b" ") + b"}")
    assert b"stands for nothing" not in line
    one, other = parse(data, BINARY), parse(line)
    assert isinstance(one, Event)
    assert one == other


async def test_the_whole_journal_makes_the_same_report_in_an_empty_service(
    recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection, lines: Print
) -> None:
    """Half of the events in binary mode; repeats and dead letters are not in the journal."""
    chance = random.Random(3)
    history = random_history(3, tokens=12, length=150)
    for event in history:
        if chance.random() < 0.5:
            await recorder.record(log.batch(event, event, b"no event"))
        else:
            attributes = {key: each for key, each in event.items() if key not in ("data", "datacontenttype")}
            headers = [(f"ce_{name}", text.encode()) for name, text in attributes.items()]
            value = json.dumps(event["data"], ensure_ascii=False, indent=1).encode()
            binary = log.append(value, headers=(*headers, ("content-type", b"application/json")))
            await recorder.record(log.batch_of([binary]))
    found = await lines()
    assert [json.loads(line)["id"] for line in found] == [event["id"] for event in history]
    await stored.emptied(sql)
    another = Log()
    await another.begin(recorder)
    await record_all(recorder, spread(another, [json.loads(each) for each in found], chance, 0, 30))
    assert await stored.difference(sql, rules.history_of(history, ZONE)) is None
    assert sorted(await lines()) == sorted(events.encoded(json.loads(each)) for each in found)
