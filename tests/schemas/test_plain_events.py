"""The compiled reader of plain events against the reader of all events: the same, or nothing."""

import shutil
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from native import compiled
from schemas import envelope
from schemas.envelope import Event, parse
from schemas.instants import format_instant
from tests import events

pytestmark = pytest.mark.skipif(
    compiled is None and shutil.which("cargo") is None, reason="there is no compiler here"
)

FIRST_INSTANT_US = 946_684_800_000_000
DAY_US = 86_400_000_000
PLAIN = (
    events.activated("S1"),
    events.activated("S1", token="T1"),
    events.applied("T1", "S1", station_name="Bay 1", evse_id="CP*E1", starts_at="2026-05-01T07:00:00.25Z"),
    events.applied("T1", "S1"),
    events.unapplied("T1"),
    events.transferred(["T1", "T2"]),
    events.returned(["T1"], reason="broken"),
    events.order(["T1", "T2"], revision=2, purchase_order="PO-1"),
    events.order(
        lines=[
            events.order_line(["T1"], line="1", quantity=3, cancelled=True),
            events.order_line([], line="2", description=None),
        ]
    ),
    events.shipped(["T1", "T2"], revision=0),
)
TEXTS = (
    *(
        "",
        " ",
        "T1",
        " T1",
        "T1 ",
        "a b",
        "x" * 128,
        "x" * 129,
        "x" * 500,
        "x" * 501,
        "T\x7f",
        "T\x1f",
        "\x00",
    ),
    *("é", "\u00a0T", "\\", '"', "%_", "1.0", "2.0", "null", "application/json", "application/xml"),
    *(
        "servicetokens.station.activated.v1",
        "servicetokens.token.applied.v1",
        "servicetokens.order.placed.v1",
    ),
    *(
        "2026-03-05T16:00:00Z",
        "2026-03-05t16:00:00z",
        "2026-03-05T16:00:00.1234567Z",
        "2026-03-05T16:00:00.Z",
    ),
    *("2026-02-29T00:00:00Z", "2028-02-29T00:00:00Z", "2000-02-29T23:59:59Z", "2099-12-31T23:59:59.999999Z"),
    *("1999-12-31T23:59:59Z", "2100-01-01T00:00:00Z", "2026-03-05T24:00:00Z", "2026-03-05T23:60:00Z"),
    *("2026-03-05T23:59:60Z", "2026-13-05T00:00:00Z", "2026-00-05T00:00:00Z", "2026-04-31T00:00:00Z"),
    *("2026-03-05T16:00:00+00:00", "2026-03-05T16:00:00.5-08:00", "2026-03-05T16:00:00-00:00"),
    *("2026-03-05T16:00:00+23:59", "2026-03-05T16:00:00+24:00", "2026-03-05T16:00:00+01:60"),
    *("2026-03-05T16:00:00+0100", "2026-03-05T16:00:00+1:00", "2026-03-05T16:00:00+01:00Z"),
    *("2000-01-01T00:30:00+01:00", "2099-12-31T23:30:00-01:00", "2000-01-01T01:00:00+01:00"),
    *("1999-12-31T23:30:00-01:00", "2100-01-01T00:30:00+01:00", "2099-12-31T22:59:59.999999-01:00"),
    *("2026-03-05T16:00:00+01:00", "2026-03-05T16:00:00", "2026-03-05 16:00:00Z", "2026-3-05T16:00:00Z"),
    *("+026-03-05T16:00:00Z", "2026-03-05T16:00:00ZZ", "20260305T160000Z", "2026-03-0\u0665T16:00:00Z"),
)
VALUES = st.one_of(
    st.sampled_from(TEXTS), st.sampled_from([None, 0, 1.5, True, [], {}, ["a"], {"a": "b"}]), st.text()
)
BYTES = (
    *(
        b"",
        b'"',
        b" ",
        b"{",
        b"}",
        b",",
        b":",
        b"1",
        b"\x00",
        b"\x1f",
        b"\x7f",
        b"\\",
        b"\\u0000",
        b"\xc3\xa9",
    ),
    *(b"\xff", b"null", b"  ", b',"id":"x"', b'"a":"b",'),
)
NAMES = (
    *(
        "specversion",
        "id",
        "source",
        "type",
        "time",
        "datacontenttype",
        "subject",
        "data_base64",
        "data",
        "Id",
    ),
    *(
        "station_serial",
        "activated_at",
        "token_serial",
        "applied_at",
        "unapplied_at",
        "starts_at",
        "station_name",
    ),
    *("evse_id", "unknown", "token_seria", "token_serials", "", "é"),
    *("sales_order", "revision", "purchase_order", "customer_id", "customer_name", "org_name", "order_date"),
    *("shipment", "ship_date", "from_org_id", "to_org_name", "returned_at", "reason", "lines"),
)
LINE_NAMES = (
    *("line", "sales_order", "part_number", "description", "term_years", "token_type", "quantity"),
    *("cancelled", "token_serials", "unknown"),
)
ODD_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, 1, 99, 100, -1, -0.0, 1.0, 1.5, 2**53, 2**63, 10**15, 10**16, "1"),
    *([], [""], ["T1", "T1"], ["T9"], [1], ["T9 "], {}, {"a": [1, {"b": None}]}, [[[[[[[[[[]]]]]]]]]]),
)


@pytest.fixture
def in_python(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], object]:
    """The reader of all events alone."""
    monkeypatch.setattr(envelope, "read_plain", None)
    return parse


def as_said(event: object) -> object:
    """An event with what pydantic keeps beside the fields; which of them were there is of no use to anyone."""
    assert isinstance(event, Event), event
    return (
        event,
        vars(event.data),
        event.data.model_dump(),
        event.data.model_dump_json(),
        event.data.model_extra,
    )


def plainly(value: bytes) -> Event | None:
    """What the compiled reader says."""
    assert compiled is not None, "nothing is compiled, although there is a compiler: make install"
    found = compiled.read_plain(value)
    return None if found is None else Event(*found)


@pytest.mark.parametrize("event", PLAIN, ids=lambda each: each["type"])
def test_plain_events_are_read_and_are_the_same(event: Any, in_python: Callable[[bytes], object]) -> None:
    for value in (orjson.dumps(event), orjson.dumps(event, option=orjson.OPT_INDENT_2) + b"\r\n\t "):
        plain = plainly(value)
        assert plain is not None
        assert as_said(plain) == as_said(in_python(value))
        assert type(plain.data) is type(in_python(value).data)  # type: ignore[attr-defined]


def is_alike_or_not_plain(value: bytes, in_python: Callable[[bytes], object]) -> bool:
    """Whether a message was read plainly, in which case it must be read the same in Python."""
    plain = plainly(value)
    if plain is not None:
        assert as_said(plain) == as_said(in_python(value)), value
    return plain is not None


@pytest.mark.parametrize("event", PLAIN, ids=lambda each: each["type"])
def test_every_field_with_every_odd_text_is_read_alike_or_not_plainly(
    event: Any, in_python: Callable[[bytes], object]
) -> None:
    read = 0
    for name in NAMES:
        for text in TEXTS:
            read += is_alike_or_not_plain(orjson.dumps({**event, name: text}), in_python)
            read += is_alike_or_not_plain(orjson.dumps(events.with_data(event, **{name: text})), in_python)
    assert read > 500


@pytest.mark.parametrize("event", PLAIN, ids=lambda each: each["type"])
def test_every_field_with_every_odd_value_is_read_alike_or_not_plainly(
    event: Any, in_python: Callable[[bytes], object]
) -> None:
    for value in ODD_VALUES:
        for name in NAMES:
            is_alike_or_not_plain(orjson.dumps(events.with_data(event, **{name: value})), in_python)
        for name in LINE_NAMES:
            changed = deepcopy(event)
            for line in changed["data"].get("lines", ()):
                line[name] = deepcopy(value)
                is_alike_or_not_plain(orjson.dumps(changed), in_python)


def test_a_thousand_serials_are_plain_and_too_many_are_not() -> None:
    for count, is_plain in ((1_000, True), (10_000, True), (10_001, False)):
        serials = [f"T{number}" for number in range(count)]
        for event in (events.order(serials), events.shipped(serials), events.transferred(serials)):
            assert (plainly(orjson.dumps(event)) is not None) == is_plain


@pytest.mark.parametrize("event", PLAIN, ids=lambda each: each["type"])
def test_other_bytes_at_every_place_are_read_alike_or_not_plainly(
    event: Any, in_python: Callable[[bytes], object]
) -> None:
    value = orjson.dumps(event)
    for place in range(len(value) + 1):
        for odd in BYTES:
            is_alike_or_not_plain(value[:place] + odd + value[place:], in_python)
            is_alike_or_not_plain(value[:place] + odd + value[place + 1 :], in_python)


@pytest.mark.parametrize("name", ["id", "source", "time", "type", "data", "specversion", "subject"])
def test_a_name_that_stands_twice_is_read_alike_or_not_plainly(
    name: str, in_python: Callable[[bytes], object]
) -> None:
    value = orjson.dumps({**events.activated("S1"), "subject": "S1"})
    for again in (b'"other"', b'{"station_serial":"S2","activated_at":"2026-03-05T16:00:00Z"}'):
        is_alike_or_not_plain(value[:-1] + b',"%s":%s}' % (name.encode(), again), in_python)
    is_alike_or_not_plain(value.replace(b'"data":{', b'"data":{"station_serial":"S2",'), in_python)


@settings(max_examples=1_000, deadline=None)
@given(
    event=st.sampled_from(PLAIN),
    changes=st.lists(st.tuples(st.booleans(), st.sampled_from(NAMES), VALUES), max_size=3),
    without=st.lists(st.sampled_from(NAMES), max_size=1),
    spaces=st.sampled_from([0, orjson.OPT_INDENT_2, orjson.OPT_SORT_KEYS]),
)
def test_whatever_is_read_plainly_is_what_all_events_are_read_as(
    event: Any, changes: list[tuple[bool, str, Any]], without: list[str], spaces: int
) -> None:
    changed = {**event, "data": dict(event["data"])}
    for is_inside, name, value in changes:
        if is_inside and isinstance(changed["data"], dict):
            changed["data"][name] = deepcopy(value)
        else:
            changed[name] = deepcopy(value)
    for name in without:
        changed.pop(name, None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(envelope, "read_plain", None)
        is_alike_or_not_plain(orjson.dumps(changed, option=spaces), parse)


@pytest.mark.parametrize("length", [*range(1, 300), 1_000, 4_000])
def test_the_hashes_are_those_of_hashlib_at_every_length(
    length: int, in_python: Callable[[bytes], object]
) -> None:
    event = {**events.activated("S1"), "source": "s" * min(length, 500)}
    event["data"] = {**event["data"], "unknown": "u" * length}
    value = orjson.dumps(event)
    plain = plainly(value)
    assert plain is not None
    assert as_said(plain) == as_said(in_python(value))


def test_every_day_of_the_century_is_the_same(in_python: Callable[[bytes], object]) -> None:
    for day in range(36_525):
        at = format_instant(FIRST_INSTANT_US + day * DAY_US)
        value = orjson.dumps(events.activated("S1", at=at))
        plain = plainly(value)
        assert plain is not None
        assert as_said(plain) == as_said(in_python(value))


def test_instants_of_any_zone_are_plain() -> None:
    for zone in ("Z", "+00:00", "-08:00", "+05:45"):
        assert plainly(orjson.dumps(events.activated("S1", at=f"2026-03-05T16:00:00.25{zone}"))) is not None


def test_an_activation_much_later_than_its_time_is_left_to_the_refusal() -> None:
    at_most = events.activated("S1", at="2026-03-06T16:00:00Z", time="2026-03-05T16:00:00Z")
    assert plainly(orjson.dumps(at_most)) is not None
    assert (
        plainly(orjson.dumps(events.with_data(at_most, activated_at="2026-03-06T16:00:00.000001Z"))) is None
    )
