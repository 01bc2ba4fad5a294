"""The envelope: CloudEvents 1.0 over Kafka, in structured and in binary mode."""

from typing import Any

import pytest

from schemas.golden import GOLDEN
from schemas.headers import Headers
from schemas.instants import parse_instant
from schemas.topics import EVENT_TYPES
from tests.schemas.messages import (
    ABSENT,
    binary,
    encoded,
    golden,
    invalid,
    refused,
    taken,
    with_attributes,
)

APPLIED = golden("token.applied")


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
