"""Two events are one by source and id, and say the same by type and data as parsed JSON, `time` aside."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.envelope import event_identity
from schemas.json_text import canonical, holds_a_float, read, read_exactly
from tests.schemas.messages import ABSENT, encoded, golden, taken, with_attributes

APPLIED = golden("token.applied")


def content(**data: Any) -> bytes:
    return taken(golden("token.applied", **data)).content


def content_of_unknown(text: str) -> bytes:
    """The content of an event with an unknown field, whose value is given as JSON text."""
    message = encoded(golden("token.applied", unknown="HERE"))
    return taken(message.replace(b'"HERE"', text.encode())).content


def test_identity_is_source_and_id() -> None:
    event = taken(APPLIED)
    assert event.identity == event_identity(event.source, event.id)
    assert len(event.identity) == 16
    assert taken(with_attributes(APPLIED, id="other")).identity != event.identity
    assert taken(with_attributes(APPLIED, source="other")).identity != event.identity
    assert event_identity("ab", "c") != event_identity("a", "bc")
    moved = with_attributes(
        APPLIED, time="2026-03-03T00:00:00Z", data=golden("token.applied", starts_at=None)["data"]
    )
    assert taken(moved).identity == event.identity


def test_content_leaves_out_time_and_all_of_the_envelope_but_the_type() -> None:
    other = with_attributes(
        APPLIED, time="2026-03-03T00:00:00Z", id="x", source="y", datacontenttype=ABSENT, z=1
    )
    assert taken(other).content == taken(APPLIED).content
    assert len(taken(APPLIED).content) == 16


def test_content_covers_the_type() -> None:
    data = {"token_serial": "T1", "station_serial": "S1", "applied_at": "2026-03-02T07:00:00Z"}
    data |= {"unapplied_at": "2026-03-02T07:00:00Z", "activated_at": "2026-03-02T07:00:00Z"}
    types = [
        "servicetokens.token.applied.v1",
        "servicetokens.token.unapplied.v1",
        "servicetokens.station.activated.v1",
    ]
    assert len({taken(with_attributes(APPLIED, type=name, data=data)).content for name in types}) == 3


def test_content_does_not_depend_on_the_order_of_keys_or_on_blanks() -> None:
    reversed_keys = with_attributes(APPLIED, data=dict(reversed(APPLIED["data"].items())))
    assert taken(reversed_keys).content == taken(APPLIED).content
    assert taken(json.dumps(APPLIED, indent=7).encode()).content == taken(APPLIED).content
    assert taken(json.dumps(APPLIED, ensure_ascii=True).encode()).content == taken(APPLIED).content
    assert content(unknown={"a": 1, "b": 2}) == content(unknown={"b": 2, "a": 1})


def test_content_keeps_strings_order_of_arrays_and_absence_as_they_are() -> None:
    contents = [
        content(evse_id=ABSENT),
        content(evse_id=None),
        content(evse_id=""),
        content(evse_id="X"),
        content(evse_id="x"),
        content(station_name="é"),
        content(station_name="e\u0301"),
        content(applied_at="2026-03-02T07:00:00Z"),
        content(applied_at="2026-03-02T07:00:00.0Z"),
        content(unknown=[1, 2]),
        content(unknown=[2, 1]),
        content(unknown="1"),
        content(unknown=1),
        content(unknown=True),
    ]
    assert len(set(contents)) == len(contents)


@pytest.mark.parametrize(
    "texts",
    [
        ["1", "1.0", "1e0", "10e-1", "1.000", "0.1E+1"],
        ["0", "-0", "0.0", "-0.0", "0e5", "0e99999999999999999999999"],
        ["0.5", "5e-1", "0.50", "50E-2"],
        ["1500", "1.5e3", "15e2"],
        ["18446744073709551615", "18446744073709551615.0", "1844674407370955161.5e1"],
        ["18446744073709551616", "18446744073709551616.0"],
        ["-9223372036854775808", "-9223372036854775808.0"],
        ["-9223372036854775809", "-9223372036854775809.0"],
        ["1e30", "1000000000000000000000000000000"],
        ['[1.0, {"a": 2.50}]', '[1, {"a": 2.5}]'],
    ],
)
def test_json_has_one_kind_of_number(texts: list[str]) -> None:
    assert len({content_of_unknown(text) for text in texts}) == 1


def test_different_numbers_differ() -> None:
    texts = [
        "1",
        "-1",
        "1.5",
        "-1.5",
        "0.1",
        "0.10000000000000001",
        "1e1",
        "18446744073709551615",
        "18446744073709551616",
        "18446744073709551617",
        "9007199254740993.0",
        "9007199254740992.0",
        "1e-99999999999999999999",
        "1e-99999999999999999998",
        f"1e-{'9' * 5_000}",
        '"1"',
        '"1.0"',
        '"15e-1"',
    ]
    assert len({content_of_unknown(text) for text in texts}) == len(texts)


def test_a_whole_number_is_the_same_with_a_fraction_of_zero_elsewhere_in_the_data() -> None:
    order = golden("order.placed")
    as_float = encoded(order).replace(b'"term_years": 3', b'"term_years": 3.0')
    assert as_float != encoded(order)
    assert taken(as_float).data == taken(order).data
    assert taken(as_float).content == taken(order).content


NUMBERS = st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(st.characters(codec="utf-8", exclude_characters="\0")),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(codec="utf-8", exclude_characters="\0")), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(VALUES)
def test_both_ways_of_reading_write_alike_what_holds_no_float(value: Any) -> None:
    text = encoded([value])
    quickly = read(text, "")
    if not holds_a_float(quickly):
        assert canonical(quickly, "") == canonical(read_exactly(text), "")


@given(VALUES)
def test_content_is_that_of_the_parsed_value(value: Any) -> None:
    text = encoded([value])
    written = canonical(read_exactly(text), "")
    assert json.loads(written, parse_int=Decimal, parse_float=Decimal) == json.loads(
        text, parse_int=Decimal, parse_float=Decimal
    )
