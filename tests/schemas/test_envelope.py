"""The envelope: CloudEvents 1.0 over Kafka, in structured and in binary mode."""

from typing import Any

import pytest

from schemas.envelope import MESSAGE_MAX_BYTES, parse
from schemas.golden import GOLDEN
from schemas.headers import Headers
from schemas.instants import parse_instant
from schemas.rules import RULES, Invalid
from schemas.topics import EVENT_TYPES
from tests.schemas.messages import (
    ABSENT,
    STRUCTURED,
    binary,
    encoded,
    golden,
    refused,
    taken,
    with_attributes,
)

APPLIED = golden("token.applied")


def invalid(value: bytes | None, headers: Headers = STRUCTURED) -> Invalid:
    read = parse(value, headers)
    assert isinstance(read, Invalid)
    return read


@pytest.mark.parametrize("name", EVENT_TYPES)
def test_an_event_is_the_same_in_both_modes(name: str) -> None:
    event = GOLDEN[name]
    structured = taken(event)
    assert structured == taken(*binary(event))
    assert (structured.source, structured.id, structured.type) == (event["source"], event["id"], name)
    assert structured.time == parse_instant(event["time"])
    assert type(structured.data) is EVENT_TYPES[name].model


@pytest.mark.parametrize(
    "headers",
    [
        (),
        [("content-type", b"application/cloudevents+json")],
        [("Content-Type", b"application/cloudevents+json; charset=UTF-8")],
        [("content-type", b"Application/CloudEvents+JSON ;charset=utf-8")],
        [("content-type", b"application/json")],
        [("content-type", None)],
        [("traceparent", b"\xff\x00"), ("content-type", b"application/cloudevents+json")],
        [("content-type", b"application/cloudevents+json"), ("ce_id", b"not this one")],
    ],
)
def test_structured_mode_is_by_its_content_type_or_by_the_lack_of_any_other_sign(headers: Headers) -> None:
    assert taken(APPLIED, headers).id == "apply-5501"


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        b"application/json",
        b"application/json; charset=utf-8",
        b"application/vnd.acme.v1+json",
        b"text/x+json",
    ],
)
def test_binary_mode_is_by_its_headers(content_type: bytes | None) -> None:
    value, headers = binary(APPLIED)
    headers = [header for header in headers if header[0] != "content-type"]
    if content_type is not None:
        headers.insert(0, ("content-type", content_type))
    assert taken(value, headers) == taken(APPLIED)
    assert taken(value, [(name.upper(), text) for name, text in headers]) == taken(APPLIED)


def test_headers_of_binary_mode_are_utf_8() -> None:
    value, headers = binary(with_attributes(APPLIED, source="urn:köln"))
    assert taken(value, headers).source == "urn:köln"


@pytest.mark.parametrize("name", ["specversion", "id", "source", "type", "time"])
def test_each_attribute_is_required_in_both_modes(name: str) -> None:
    for nothing in (ABSENT, None, ""):
        assert refused(with_attributes(APPLIED, **{name: nothing})) == ("missing", f"/{name}")
    value, headers = binary(with_attributes(APPLIED, **{name: ABSENT}))
    assert refused(value, headers) == ("missing", f"/{name}")
    assert refused(value, [*headers, (f"ce_{name}", b"")]) == ("missing", f"/{name}")
    assert refused(value, [*headers, (f"ce_{name}", None)]) == ("missing", f"/{name}")


@pytest.mark.parametrize("name", ["id", "source", "type", "time"])
def test_each_attribute_is_a_text(name: str) -> None:
    for other in (1, True, {"a": 1}, ["a"]):
        assert refused(with_attributes(APPLIED, **{name: other})) == ("wrong_type", f"/{name}")


@pytest.mark.parametrize("version", ["0.3", "1", "1.1", 1.0, True])
def test_the_version_of_cloudevents_is_1_0(version: Any) -> None:
    assert refused(with_attributes(APPLIED, specversion=version)) == ("specversion", "/specversion")


def test_source_and_id_keep_the_rules_of_the_event_that_retracts_them() -> None:
    for name, field, length in [("source", "event_source", 500), ("id", "event_id", 128)]:
        for text, rule in [
            (length * "é", None),
            (length * "é" + "é", "too_long"),
            (" x", "surrounding_blank"),
            ("x\u00a0", "surrounding_blank"),
            ("x\ty", "control_character"),
            ("x\n", "control_character"),
            (" ", "missing"),
            ("x y", None),
            ("x\0", "nul"),
        ]:
            event = with_attributes(APPLIED, **{name: text})
            retraction = golden("event.retracted", **{field: text})
            if rule is None:
                taken(event)
                taken(retraction)
            else:
                assert refused(event) == (rule, f"/{name}")
                assert refused(retraction) == (rule, f"/data/{field}")


@pytest.mark.parametrize(
    ("time", "rule"),
    [
        ("2026-03-02T07:00:00", "naive_instant"),
        ("1772434800", "not_instant"),
        ("2016-12-31T23:59:60Z", "leap_second"),
        ("1999-12-31T23:59:59Z", "out_of_range"),
    ],
)
def test_time_keeps_the_rules_of_instants(time: str, rule: str) -> None:
    event = with_attributes(APPLIED, time=time)
    assert refused(event) == (rule, "/time")
    assert refused(*binary(event)) == (rule, "/time")


@pytest.mark.parametrize(
    "name", ["order.placed", "servicetokens.order.lost.v1", "servicetokens.token.expiring.v1"]
)
def test_an_unknown_type_is_told_which_there_are(name: str) -> None:
    read = invalid(encoded(with_attributes(APPLIED, type=name)))
    assert (read.rule, read.pointer) == ("unknown_type", "/type")
    for known in EVENT_TYPES:
        assert known in read.message


@pytest.mark.parametrize("version", [".v2", ".v0", ".v10", ""])
def test_another_version_of_a_known_type_is_told_so(version: str) -> None:
    event = with_attributes(APPLIED, type=f"servicetokens.token.applied{version}")
    assert refused(event) == ("unknown_version", "/type")


@pytest.mark.parametrize("content_type", ["application/xml", "text/plain", "json", "application/avro", 1, {}])
def test_data_is_json_by_its_content_type(content_type: Any) -> None:
    event = with_attributes(APPLIED, datacontenttype=content_type)
    assert refused(event) == ("content_type", "/datacontenttype")


@pytest.mark.parametrize(
    "content_type", [ABSENT, None, "", "application/json; charset=utf-8", "APPLICATION/JSON", "a/b+json"]
)
def test_a_content_type_of_json_is_taken(content_type: Any) -> None:
    assert taken(with_attributes(APPLIED, datacontenttype=content_type)) == taken(APPLIED)


@pytest.mark.parametrize(
    "content_type",
    [b"application/cloudevents-batch+json", b"application/cloudevents+avro", b"application/cloudevents"],
)
def test_a_batch_and_other_formats_of_cloudevents_are_refused(content_type: bytes) -> None:
    assert refused(APPLIED, [("content-type", content_type)]) == ("content_type", "")


def test_binary_data_of_another_type_is_refused() -> None:
    value, headers = binary(APPLIED)
    assert refused(value, [*headers[:-1], ("content-type", b"text/plain")]) == (
        "content_type",
        "/datacontenttype",
    )


def test_data_in_base64_is_refused_with_and_without_data() -> None:
    assert refused(with_attributes(APPLIED, data_base64="e30=")) == ("data_base64", "/data_base64")
    assert refused(with_attributes(APPLIED, data_base64="e30=", data=ABSENT)) == (
        "data_base64",
        "/data_base64",
    )


@pytest.mark.parametrize(
    ("data", "rule"),
    [(ABSENT, "missing"), (None, "missing"), ("{}", "wrong_type"), ([], "wrong_type"), (1, "wrong_type")],
)
def test_data_is_an_object(data: Any, rule: str) -> None:
    assert refused(with_attributes(APPLIED, data=data)) == (rule, "/data")


@pytest.mark.parametrize("document", [[APPLIED], "x", 1, None, True])
def test_a_structured_message_is_one_object(document: Any) -> None:
    assert refused(document) == ("wrong_type", "")


def test_extension_attributes_are_taken() -> None:
    extended = with_attributes(APPLIED, subject="x", traceparent="00-ab", sequence=7, dataschema=None)
    assert taken(extended) == taken(APPLIED)
    value, headers = binary(APPLIED)
    assert taken(value, [*headers, ("ce_traceparent", b"00-ab")]) == taken(APPLIED)


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


def test_activation_is_at_most_a_day_after_time() -> None:
    event = with_attributes(golden("station.activated"), time="2026-03-12T11:30:00Z")
    event["data"]["activated_at"] = "2026-03-13T11:30:00Z"
    taken(event)
    event["data"]["activated_at"] = "2026-03-13T11:30:00.000001Z"
    assert refused(event) == ("activated_after_time", "/data/activated_at")
    event["data"]["activated_at"] = "2006-03-13T11:30:00Z"
    taken(event)


def test_only_an_activation_is_bound_to_time() -> None:
    taken(golden("token.applied", applied_at="2099-01-01T00:00:00Z"))


def test_a_refusal_names_the_event_where_it_can_be_read() -> None:
    wrong = golden("token.applied", applied_at="yesterday")
    for value, headers in ((encoded(wrong), STRUCTURED), binary(wrong)):
        read = invalid(value, headers)
        assert (read.source, read.id) == ("https://portal.example.com/tokens", "apply-5501")
    broken_data = invalid(b"{", binary(APPLIED)[1])
    assert (broken_data.source, broken_data.id) == ("https://portal.example.com/tokens", "apply-5501")
    for value, headers in (
        (encoded(golden("token.applied", unknown="\0")), STRUCTURED),
        binary(golden("token.applied", unknown="\0")),
    ):
        assert invalid(value, headers).id == "apply-5501"
    unreadable = invalid(encoded(with_attributes(APPLIED, source="a\0", id=7)))
    assert (unreadable.source, unreadable.id) == (None, None)
    assert invalid(encoded(with_attributes(APPLIED, id=129 * "x"))).id is None


def test_a_refusal_says_the_rule_the_place_and_what_to_do() -> None:
    read = invalid(encoded(golden("token.applied", applied_at="2026-03-02T07:00:00", station_serial="")))
    assert read.message == (
        "missing at /data/station_serial: a required field is there, and is neither null nor blank; "
        "fill it in (1 more field is wrong)"
    )
    read = invalid(encoded(golden("token.applied", applied_at="2026-03-02T07:00:00")))
    assert RULES["naive_instant"] in read.message
    assert '"2026-03-02T07:00:00"' in read.message
    assert "write an RFC 3339 instant with its zone" in read.message


def test_the_first_fault_is_by_the_order_of_the_contract_s_fields() -> None:
    event = golden("token.applied", starts_at=1, applied_at=1, token_serial=1)
    event["data"] = dict(reversed(event["data"].items()))
    assert refused(event) == ("wrong_type", "/data/token_serial")
    assert "2 more fields are wrong" in invalid(encoded(event)).message


def test_a_message_with_a_million_faults_is_refused_briefly() -> None:
    event = golden("token.returned", token_serials=[0] * 1_000_000)
    read = invalid(encoded(event))
    assert (read.rule, read.pointer) == ("wrong_type", "/data/token_serials/0")
    assert len(read.message) < 500
    assert "more" not in read.message
    lines = golden("order.placed", lines=[{}] * 500_000)
    assert "(5 more fields are wrong)" in invalid(encoded(lines)).message
    assert len(invalid(encoded(golden("token.applied", applied_at="x" * 1_000_000))).message) < 500
    assert len(invalid(encoded(with_attributes(APPLIED, type="x" * 1_000_000))).message) < 500
