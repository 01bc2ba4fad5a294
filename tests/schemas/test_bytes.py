"""What the bytes of a message may be: JSON of at most 4 MiB, not too deep, and NUL nowhere."""

from typing import Any

import pytest

from schemas.envelope import MESSAGE_MAX_BYTES
from tests.schemas.messages import (
    binary,
    encoded,
    golden,
    invalid,
    refused,
    taken,
    with_attributes,
)

APPLIED = golden("token.applied")


@pytest.mark.parametrize("value", [None, b""])
def test_a_message_without_a_value_is_no_event(value: bytes | None) -> None:
    assert invalid(value).rule == "empty"


def test_a_message_has_at_most_4_mib() -> None:
    message = encoded(APPLIED)
    assert taken(message + (MESSAGE_MAX_BYTES - len(message)) * b" ") == taken(APPLIED)
    assert invalid(message + (MESSAGE_MAX_BYTES - len(message) + 1) * b" ").rule == "too_large"


@pytest.mark.parametrize(
    "value",
    [
        b"{",
        b"hello",
        b"\xff\xfe{\x00}\x00",
        b"\xef\xbb\xbf{}",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": 1e400}',
        b'{"a": 01}',
        b"{'a': 1}",
        b'{"a": 1,}',
        b'{"a": "\xff"}',
        b'{"a": "\\ud800"}',
        b'{"a": "\\udc00\\ud800"}',
        b'{"a": "\x00"}',
        b'{"a": "\n"}',
        b"{} {}",
        b"[" * 2000 + b"]" * 2000,
    ],
)
def test_bytes_that_are_no_json_are_refused_in_both_modes(value: bytes) -> None:
    assert refused(value) == ("not_json", "")
    assert refused(value, binary(APPLIED)[1]) == ("not_json", "/data")


@pytest.mark.parametrize(
    ("field", "value", "pointer"),
    [
        ("station_name", "a\0b", "/data/station_name"),
        ("unknown", "\0", "/data/unknown"),
        ("unknown", {"a/b": ["x", {"c~d": "\0"}]}, "/data/unknown/a~1b/1/c~0d"),
        ("unknown", {"a": {"b\0": 1}}, "/data/unknown/a"),
        ("un\0known", 1, "/data"),
        ("unknown", {"a" * 600: "\0"}, "/data/unknown"),
        ("unknown", [[], {}, "\\u0000", "\\\0"], "/data/unknown/3"),
    ],
)
def test_nul_is_refused_everywhere(field: str, value: Any, pointer: str) -> None:
    event = golden("token.applied", **{field: value})
    assert refused(event) == ("nul", pointer)
    assert refused(*binary(event)) == ("nul", pointer)


def test_nul_is_refused_in_attributes_and_headers() -> None:
    assert refused(with_attributes(APPLIED, extension="\0")) == ("nul", "/extension")
    assert refused(with_attributes(APPLIED, **{"ext\0ension": ""})) == ("nul", "")
    value, headers = binary(APPLIED)
    assert refused(value, [*headers, ("ce_extension", b"a\0")]) == ("nul", "/extension")
    assert refused(value, [*headers, ("ce_ext\0ension", b"a")]) == ("nul", "/extension")


@pytest.mark.parametrize("text", ["\\u0000", "\\\\u0000", "\\", "\\\\", 'u0000"'])
def test_a_backslash_before_u0000_is_no_nul(text: str) -> None:
    assert taken(golden("token.applied", station_name=text)).data.station_name == text  # type: ignore[attr-defined]


def test_headers_that_are_not_utf_8_are_refused() -> None:
    value, headers = binary(APPLIED)
    assert refused(value, [*headers, ("ce_subject", b"\xff")]) == ("not_utf8", "/subject")
    assert refused(value, [*headers[:-1], ("content-type", b"\xff")]) == ("not_utf8", "/datacontenttype")


def test_a_header_that_stands_twice_says_the_same_or_is_refused() -> None:
    value, headers = binary(APPLIED)
    assert taken(value, [*headers, *headers]) == taken(APPLIED)
    assert refused(value, [*headers, ("ce_id", b"another")]) == ("repeated_header", "/id")
    assert refused(value, [*headers, ("CE_ID", b"another")]) == ("repeated_header", "/id")


@pytest.mark.parametrize("other_field", [b"1", b"0.5"])
def test_data_is_nested_at_most_254_levels_deep(other_field: bytes) -> None:
    message = encoded(golden("token.applied", unknown="HERE", other="THERE")).replace(b'"THERE"', other_field)
    taken(message.replace(b'"HERE"', 253 * b"[" + 253 * b"]"))
    for depth in (254, 1000):
        deep = message.replace(b'"HERE"', depth * b"[" + depth * b"]")
        assert refused(deep) == ("too_deep", "/data")


def test_so_is_what_lies_around_data_that_is_read_exactly() -> None:
    message = encoded(with_attributes(golden("token.applied", other=0.5), extension="HERE"))
    taken(message.replace(b'"HERE"', 253 * b"[" + 253 * b"]"))
    assert refused(message.replace(b'"HERE"', 1000 * b"[" + 1000 * b"]")) == ("too_deep", "")
