"""What a requeued message says of where it was, and that this changes nothing of what it says."""

import json

import orjson
import pytest

from projections.dead_letters.letter import Letter, Origin, State, WholeLetter
from projections.dead_letters.message import as_one_document, check_edit, origin_of, requeued
from projections.dead_letters.refusals import WrongEdit
from projections.publishing.message import MessagePlace
from schemas.envelope import Event, parse
from schemas.headers import Headers
from tests import events

EVENT = events.order(["T1"])
STRUCTURED: Headers = [("content-type", b"application/cloudevents+json"), ("traceparent", b"00-1")]
BINARY: Headers = [
    *((f"ce_{name}", EVENT[name].encode()) for name in ("specversion", "id", "source", "type", "time")),
    ("content-type", b"application/json"),
    ("traceparent", b"00-1"),
]
DATA = json.dumps(EVENT["data"]).encode()


def letter(headers: Headers, value: bytes | None) -> WholeLetter:
    place = MessagePlace("prefix.orders", 3, 17)
    summary = Letter(
        *(
            5,
            "not_json",
            "",
            "sentence",
            None,
            None,
            place,
            0,
            0,
            None,
            None,
            State.OPEN,
            None,
            None,
            False,
            None,
        )
    )
    return WholeLetter(summary, b"SO-1", value, headers, None, None)


@pytest.mark.parametrize(
    ("headers", "value"), [(STRUCTURED, events.encoded(EVENT)), ([], events.encoded(EVENT)), (BINARY, DATA)]
)
def test_a_requeued_message_says_what_it_said_and_where_it_was(headers: Headers, value: bytes) -> None:
    outgoing = requeued(letter(headers, value), None)
    assert (outgoing.topic, outgoing.key, outgoing.value) == ("prefix.orders", b"SO-1", value)
    assert list(outgoing.headers[: len(headers)]) == list(headers)
    assert origin_of(outgoing.headers) == Origin(5, MessagePlace("prefix.orders", 3, 17))
    before = parse(value, headers)
    assert isinstance(before, Event)
    assert parse(outgoing.value, outgoing.headers) == before


@pytest.mark.parametrize("headers", [STRUCTURED, BINARY, []])
def test_a_corrected_event_is_read_in_structured_mode_whatever_the_letter_was(headers: Headers) -> None:
    corrected = {**EVENT, "id": "corrected"}
    outgoing = requeued(letter(headers, b"{"), events.encoded(corrected))
    parsed = parse(outgoing.value, outgoing.headers)
    assert isinstance(parsed, Event)
    assert parsed.id == "corrected"
    assert [name for name, _ in outgoing.headers].count("content-type") == 1
    assert (("traceparent", b"00-1") in outgoing.headers) == (("traceparent", b"00-1") in headers)


def test_a_message_requeued_twice_names_the_letter_before_it() -> None:
    earlier: Headers = [("requeued-from", b"prefix.orders/0/1"), ("requeued-dead-letter", b"2")]
    outgoing = requeued(letter([*STRUCTURED, *earlier], b"{"), None)
    assert origin_of(outgoing.headers) == Origin(5, MessagePlace("prefix.orders", 3, 17))
    assert [name for name, _ in outgoing.headers].count("requeued-from") == 1


@pytest.mark.parametrize(
    "place", [b"orders/1", b"orders/x/1", b"or ders/1/1", b"\xff/1/1", b"orders/1/1\n", None]
)
def test_what_any_producer_may_write_there_is_not_taken_for_an_origin(place: bytes | None) -> None:
    assert origin_of([("requeued-from", place), ("requeued-dead-letter", b"1")]) is None
    assert origin_of([("requeued-from", b"orders/1/1"), ("requeued-dead-letter", b"-1")]) is None
    assert origin_of([("requeued-from", b"orders/1/1")]) is None


def test_a_corrected_event_that_is_none_is_refused_with_its_rule() -> None:
    check_edit(json.dumps(EVENT, indent=2).encode())
    with pytest.raises(WrongEdit, match="would be refused again: not_date at /data/order_date") as refused:
        check_edit(events.encoded(events.with_data(EVENT, order_date="soon")))
    assert refused.value.invalid.rule == "not_date"


def test_a_message_in_binary_mode_is_corrected_as_one_document() -> None:
    assert orjson.loads(as_one_document(letter(BINARY, DATA))) == {
        name: value for name, value in EVENT.items() if name != "datacontenttype"
    }
    check_edit(as_one_document(letter(BINARY, DATA)))
    broken = orjson.loads(as_one_document(letter(BINARY, b'{"a": \xff')))
    assert (broken["id"], broken["data"]) == (EVENT["id"], '{"a": �')
    for headers in (STRUCTURED, [], [*STRUCTURED, ("ce_id", b"of no meaning")]):
        assert as_one_document(letter(headers, b"{\xff")) == b"{\xff"
