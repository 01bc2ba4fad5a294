"""Events over HTTP taken apart, checked and made into messages: every mode, and everything that is refused."""

import json
import re

import pytest

from projections.publishing.message import Outgoing
from projections.writing.body import ERRORS_SHOWN, WrongBody
from projections.writing.gateway import (
    BATCH_CONTENT_TYPE,
    MAX_EVENTS,
    WrongContentType,
    WrongEvents,
    messages_of,
)
from schemas.envelope import MESSAGE_MAX_BYTES, Event, parse
from schemas.golden import GOLDEN
from schemas.topics import EVENT_TYPES
from tests import events

STRUCTURED = "application/cloudevents+json; charset=UTF-8"
JSON = "application/json"
ORDER = events.order(["T1"])
ATTRIBUTES = [
    (b"ce-" + name.encode(), ORDER[name].encode()) for name in ("specversion", "source", "type", "time")
]
DATA = json.dumps(ORDER["data"]).encode()


def taken(
    body: bytes, content_type: str | None = STRUCTURED, headers: list[tuple[bytes, bytes]] | None = None
) -> list[Outgoing]:
    return messages_of(body, content_type, headers or [], "prefix.")


def batch(*parts: bytes) -> bytes:
    return b"[" + b",".join(parts) + b"]"


def wrong(body: bytes, content_type: str = STRUCTURED) -> list[tuple[int, str, str]]:
    with pytest.raises(WrongEvents, match="nothing was published") as raised:
        taken(body, content_type)
    return [(each.index, each.invalid.rule, each.invalid.pointer) for each in raised.value.wrong]


def test_all_wrong_fields_of_an_event_are_named() -> None:
    order = events.with_data(ORDER, sales_order="", org_id=5, order_date="soon")
    fields = [(0, "missing", "/data/sales_order"), (0, "wrong_type", "/data/org_id")]
    fields.append((0, "not_date", "/data/order_date"))
    assert wrong(events.encoded(order)) == fields
    assert wrong(events.encoded(order | {"time": "noon"})) == [(0, "not_instant", "/time"), *fields]
    assert wrong(batch(events.encoded(ORDER), events.encoded(order)), BATCH_CONTENT_TYPE) == [
        (1, rule, pointer) for _, rule, pointer in fields
    ]


def test_all_wrong_fields_of_an_event_in_binary_mode_are_named() -> None:
    data = json.dumps({**ORDER["data"], "sales_order": None, "org_id": " "}).encode()
    with pytest.raises(WrongEvents) as raised:
        taken(data, JSON, ATTRIBUTES)
    assert [each.invalid.pointer for each in raised.value.wrong] == [
        "/id",
        "/data/sales_order",
        "/data/org_id",
    ]
    assert [each.invalid.message for each in raised.value.wrong][1] == (
        "missing at /data/sales_order: a required field is there, and is neither null nor blank; fill it in"
    )


def test_more_errors_than_are_shown_are_not_collected() -> None:
    order = events.encoded(events.with_data(ORDER, sales_order="", org_id=5, order_date="soon"))
    with pytest.raises(WrongEvents, match="60 of 60 events are wrong") as raised:
        taken(batch(*[order] * 60), BATCH_CONTENT_TYPE)
    assert len(raised.value.wrong) == ERRORS_SHOWN


@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_each_type_goes_to_its_topic_under_its_key(event_type: str) -> None:
    value = events.encoded(GOLDEN[event_type])
    [message] = taken(value)
    parsed = parse(message.value, message.headers)
    assert isinstance(parsed, Event)
    assert message.topic == "prefix." + EVENT_TYPES[event_type].topic
    assert message.key == EVENT_TYPES[event_type].key(parsed.data).encode()
    assert message.value == value, "as it came"


def test_a_batch_is_taken_apart_as_it_is_written() -> None:
    """Read and written anew, a number of 20 digits would be another one."""
    first = events.encoded(ORDER).replace(b'"data": {', b'"data": {"long": 12345678901234567890123, ')
    second = json.dumps(events.applied("[,{"), indent=2).encode()
    messages = taken(b" \n" + batch(first, b"\t" + second) + b"\n", BATCH_CONTENT_TYPE)
    assert [message.value for message in messages] == [first, second]
    assert [message.topic for message in messages] == ["prefix.orders", "prefix.applications"]


def test_binary_mode_by_http_is_binary_mode_by_kafka() -> None:
    headers = [*ATTRIBUTES, (b"ce-id", b'"a%20\\"b%E2%82%AC"'), (b"accept", b"*/*")]
    [message] = taken(DATA, JSON, headers)
    parsed = parse(message.value, message.headers)
    assert isinstance(parsed, Event)
    assert (parsed.id, parsed.source) == ('a "b€', ORDER["source"])
    assert message.value == DATA
    assert ("content-type", b"application/json") in message.headers
    assert not any(name.startswith("ce-") or name == "accept" for name, _ in message.headers)


def test_plain_json_is_what_it_looks_like() -> None:
    assert taken(events.encoded(ORDER), JSON) == taken(events.encoded(ORDER))
    assert taken(b" " + batch(events.encoded(ORDER)), JSON) == taken(events.encoded(ORDER))


def test_everything_wrong_is_said_of_each_event() -> None:
    late = events.with_data(ORDER, order_date="soon")
    body = batch(*map(events.encoded, (ORDER, late)), b"5", b"{}", events.encoded({**ORDER, "type": "x"}))
    assert wrong(body, BATCH_CONTENT_TYPE) == [
        (1, "not_date", "/data/order_date"),
        (2, "wrong_type", ""),
        (3, "missing", "/specversion"),
        (4, "unknown_type", "/type"),
    ]
    assert len(wrong(batch(*[b"1"] * MAX_EVENTS), BATCH_CONTENT_TYPE)) == ERRORS_SHOWN


def test_the_same_id_with_other_content_in_one_request() -> None:
    other = events.encoded(events.with_data(ORDER, org_id="ORG-9"))
    same = json.dumps(ORDER, indent=1).encode()
    assert len(taken(batch(events.encoded(ORDER), same), BATCH_CONTENT_TYPE)) == 2
    assert wrong(batch(events.encoded(ORDER), same, other), BATCH_CONTENT_TYPE) == [
        (2, "other_content", "/id")
    ]


def test_one_that_is_too_large() -> None:
    large = events.encoded(ORDER) + b" " * MESSAGE_MAX_BYTES
    assert wrong(large) == [(0, "too_large", "")]
    # Around an event in a batch, blanks are no part of it.
    padded = events.encoded(events.with_data(ORDER, note="x" * MESSAGE_MAX_BYTES))
    assert wrong(batch(padded), BATCH_CONTENT_TYPE) == [(0, "too_large", "")]


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (b"", "not_json"),
        (b"{}", "not_json"),
        (b"[1", "not_json"),
        (b"[1}", "not_json"),
        (b"[" * 100_000, "not_json"),
        (b"[]", "empty"),
        (batch(*[b"1"] * (MAX_EVENTS + 1)), "too_many_items"),
        (batch(*[b'{"a":[1,2],"b":"],["}'] * (MAX_EVENTS + 1)), "too_many_items"),
    ],
    ids=lambda value: value[:12] if isinstance(value, bytes) else value,
)
def test_what_is_no_batch(body: bytes, rule: str) -> None:
    with pytest.raises(WrongBody) as raised:
        taken(body, BATCH_CONTENT_TYPE)
    assert [(error.rule, error.pointer) for error in raised.value.errors] == [(rule, "")]


def test_as_many_as_a_batch_may_have() -> None:
    one = events.encoded(events.with_data(ORDER, note='],[{"\\'))
    assert len(taken(batch(*[one] * MAX_EVENTS), BATCH_CONTENT_TYPE)) == MAX_EVENTS


@pytest.mark.parametrize(
    "content_type",
    [None, "", "text/plain", "application/xml", "application/cloudevents+xml", "application/cloudevents"],
)
def test_other_types_are_no_events(content_type: str | None) -> None:
    with pytest.raises(WrongContentType, match=re.escape("application/cloudevents-batch+json")):
        taken(events.encoded(ORDER), content_type)
