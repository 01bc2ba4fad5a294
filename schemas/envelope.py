"""From a Kafka message to an event: CloudEvents 1.0 in structured and in binary mode.

`parse` is the one way in. It never raises: what is no event comes back as `Invalid`, with the rule that it breaks.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from pydantic import ValidationError

from schemas.events import EventData, StationActivated
from schemas.headers import Headers, binary_attributes, is_json
from schemas.instants import RFC_3339_REMEDY, TimeError, parse_event_instant
from schemas.json_text import canonical, holds_a_float, read, read_exactly
from schemas.refusals import excerpt, identifier_rule, refuse_data
from schemas.rules import RULES, Invalid, Refused
from schemas.text import IDENTIFIER_MAX_LENGTH, IDENTIFIER_PATTERN, SOURCE_MAX_LENGTH
from schemas.topics import EVENT_TYPES, EventType

MESSAGE_MAX_BYTES = 4 * 1024 * 1024
ACTIVATED_AFTER_TIME_MAX_US = 86_400_000_000

_IDENTIFIER = re.compile(IDENTIFIER_PATTERN)
_VERSION = re.compile(r"\.v[0-9]+")


@dataclass(slots=True)
class Event:
    """One event that came in; not to be changed.

    `type` is the full name (`servicetokens.order.placed.v1`), `time` microseconds since 1970 in UTC, `data` a model of
    `schemas.events`. `identity` (16 bytes) is equal for equal source and id; `content` (16 bytes) for equal type and
    data as parsed JSON: unknown fields count, null, "" and absence differ, 1 is 1.0, and `time` is left out.
    """

    source: str
    id: str
    type: str
    time: int
    data: EventData
    identity: bytes
    content: bytes


def event_identity(source: str, id: str) -> bytes:
    """The `Event.identity` of an event of which only source and id are known, such as one that is retracted."""
    return blake2b(f"{source}\0{id}".encode(), digest_size=16).digest()


def parse(value: bytes | None, headers: Headers = ()) -> Event | Invalid:
    """The event of a Kafka message's value and headers, or why there is none. Never raises."""
    document: dict[str, Any] = {}
    try:
        if not value:
            raise Refused("empty", "", "send the event as the message's value")
        if len(value) > MESSAGE_MAX_BYTES:
            raise Refused("too_large", "", f"it has {len(value):,} bytes: split it into several events")
        attributes = binary_attributes(headers) if headers else None
        if attributes is not None:
            document = attributes
            document["data"] = read(value, "/data")
            return _event(document, value, binary=True)
        structured = read(value, "")
        if type(structured) is not dict:
            raise Refused("wrong_type", "", "send one CloudEvent, a JSON object, in each message")
        document = structured
        return _event(document, value, binary=False)
    except Refused as refused:
        return Invalid(
            refused.rule,
            refused.pointer,
            f"{refused.rule} at {refused.pointer or 'the message'}: {RULES[refused.rule]}; {refused.remedy}",
            _readable(document.get("source"), SOURCE_MAX_LENGTH),
            _readable(document.get("id"), IDENTIFIER_MAX_LENGTH),
        )


def _event(document: Mapping[str, Any], value: bytes, *, binary: bool) -> Event:
    if document.get("specversion") != "1.0":
        raise _wrong_specversion(document)
    id = _identifier(document, "id", IDENTIFIER_MAX_LENGTH)
    # A URI-reference by its definition, but only ever compared: what looks like none of them is taken as well.
    source = _identifier(document, "source", SOURCE_MAX_LENGTH)
    event_type = _event_type(document)
    time = _time(document)
    if content_type := document.get("datacontenttype"):
        if not isinstance(content_type, str) or not is_json(content_type):
            raise Refused("content_type", "/datacontenttype", "send the data as application/json")
    if "data_base64" in document:
        raise Refused("data_base64", "/data_base64", "send the data as JSON in `data`")
    data = document.get("data")
    if type(data) is not dict:
        raise _wrong("/data", data, "write it as a JSON object")
    content = canonical(data, "/data")
    if holds_a_float(data):
        exact = read_exactly(value, "/data" if binary else "")
        data = exact if binary else exact["data"]
        content = canonical(data, "/data")
    try:
        model = event_type.model.__pydantic_validator__.validate_python(data)
    except ValidationError as error:
        raise refuse_data(error) from None
    if type(model) is StationActivated and model.activated_at > time + ACTIVATED_AFTER_TIME_MAX_US:
        raise Refused(
            "activated_after_time", "/data/activated_at", "set the clock of the head-end, or correct the one of the two"
        )
    return Event(
        source,
        id,
        event_type.name,
        time,
        model,
        event_identity(source, id),
        blake2b(event_type.name.encode() + b"\0" + content, digest_size=16).digest(),
    )


def _identifier(document: Mapping[str, Any], name: str, max_length: int) -> str:
    text = document.get(name)
    if type(text) is not str or not text:
        raise _wrong(f"/{name}", text, "write it as a JSON string")
    if len(text) > max_length:
        raise Refused("too_long", f"/{name}", f"it has {len(text):,} characters: write at most {max_length}")
    if _IDENTIFIER.fullmatch(text) is None:
        rule, remedy = identifier_rule(text)
        raise Refused(rule, f"/{name}", remedy)
    return text


def _event_type(document: Mapping[str, Any]) -> EventType:
    name = document.get("type")
    if type(name) is not str or not name:
        raise _wrong("/type", name, "write it as a JSON string")
    event_type = EVENT_TYPES.get(name)
    if event_type is not None:
        return event_type
    known = ", ".join(EVENT_TYPES)
    base = _VERSION.sub("", name)
    if any(base == _VERSION.sub("", other) for other in EVENT_TYPES):
        raise Refused("unknown_version", "/type", f"{excerpt(name)} is none of: {known}")
    raise Refused("unknown_type", "/type", f"{excerpt(name)} is none of: {known}")


def _time(document: Mapping[str, Any]) -> int:
    text = document.get("time")
    if type(text) is not str or not text:
        raise _wrong("/time", text, RFC_3339_REMEDY)
    try:
        return parse_event_instant(text)
    except TimeError as error:
        raise Refused(error.rule, "/time", f"{excerpt(text)}: {error}") from None


def _wrong_specversion(document: Mapping[str, Any]) -> Refused:
    version = document.get("specversion")
    if version is None or version == "":
        return Refused("missing", "/specversion", 'it is no CloudEvent: write "specversion": "1.0"')
    return Refused("specversion", "/specversion", f'{excerpt(version)} is another one: write "1.0"')


def _wrong(pointer: str, value: Any, remedy: str) -> Refused:
    if value is None or value == "":
        return Refused("missing", pointer, "the contract requires it: fill it in")
    return Refused("wrong_type", pointer, f"{excerpt(value)} is of the wrong type: {remedy}")


def _readable(text: object, max_length: int) -> str | None:
    return text if isinstance(text, str) and 0 < len(text) <= max_length and "\0" not in text else None
