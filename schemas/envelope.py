"""From a Kafka message to an event: CloudEvents 1.0 in structured and in binary mode.

`parse` is the one way in. It never raises: what is no event comes back as `Invalid`, with the rule that it
breaks.
"""

import re
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import msgspec
from pydantic import ValidationError

from native import compiled
from schemas.events import EventData, StationActivated
from schemas.headers import Headers, binary_attributes, is_json, is_usual
from schemas.instants import TimeError, parse_event_instant
from schemas.json_text import canonical, holds_a_float, read, read_exactly, refuse_nul
from schemas.refusals import excerpt, refused_data, refused_length, refused_text, refused_type
from schemas.rules import RULES, Invalid, Refused
from schemas.text import IDENTIFIER_MAX_LENGTH, IDENTIFIER_PATTERN, SOURCE_MAX_LENGTH
from schemas.topics import EVENT_TYPES, EventType

MESSAGE_MAX_BYTES = 4 * 1024 * 1024
ACTIVATED_AFTER_TIME_MAX_US = 86_400_000_000

_IDENTIFIER = re.compile(IDENTIFIER_PATTERN)
# Reads what is not out of the ordinary in any way: a text without escapes, a number without a fraction.
read_plain = None if compiled is None else compiled.read_plain
_VERSION = re.compile(r"\.v[0-9]+")


class Event(msgspec.Struct, frozen=True, gc=False):
    """One event that came in.

    `type` is the full name (`servicetokens.order.placed.v1`), `time` microseconds since 1970 in UTC, `data` a
    model of `schemas.events`. `identity` (16 bytes) is equal for equal source and id; `content` (16 bytes)
    for equal type and data as parsed JSON: unknown fields count, null, "" and absence differ, 1 is 1.0, and
    `time` is left out.
    """

    source: str
    id: str
    type: str
    time: int
    data: EventData
    identity: bytes
    content: bytes


def event_identity(source: str, event_id: str) -> bytes:
    """The `Event.identity` of an event known by its source and id alone, such as one that is retracted."""
    return blake2b(f"{source}\0{event_id}".encode(), digest_size=16).digest()


def parse(value: bytes | None, headers: Headers = ()) -> Event | Invalid:
    """The event of a Kafka message's value and headers, or why there is none. Never raises."""
    document: dict[str, Any] = {}
    try:
        if not value:
            raise Refused("empty", "", "send the event as the value, or no message")
        if len(value) > MESSAGE_MAX_BYTES:
            raise Refused("too_large", "", f"it has {len(value):,} bytes: split it into several events")
        if read_plain is not None and is_usual(headers):
            plain = read_plain(value)
            if plain is not None:
                return Event(*plain)
        attributes = binary_attributes(headers) if headers else None
        if attributes is not None:
            document = attributes
            document["data"] = read(value, "/data")
            refuse_nul(value, document["data"], "/data")
            return _event(document, value, data_is_the_value=True)
        structured = read(value, "")
        if type(structured) is not dict:
            raise Refused("wrong_type", "", "send one CloudEvent, a JSON object, in each message")
        document = structured
        refuse_nul(value, document, "")
        return _event(document, value, data_is_the_value=False)
    except Refused as refused:
        where = refused.pointer or "the message"
        return Invalid(
            refused.rule,
            refused.pointer,
            f"{refused.rule} at {where}: {RULES[refused.rule]}; {refused.remedy}",
            _readable(document.get("source"), SOURCE_MAX_LENGTH),
            _readable(document.get("id"), IDENTIFIER_MAX_LENGTH),
        )


def _event(document: Mapping[str, Any], value: bytes, *, data_is_the_value: bool) -> Event:
    if document.get("specversion") != "1.0":
        raise _wrong_specversion(document.get("specversion"))
    event_id = _identifier(document, "id", IDENTIFIER_MAX_LENGTH)
    # A URI-reference by its definition; but it is only ever compared, so what is none does no harm.
    source = _identifier(document, "source", SOURCE_MAX_LENGTH)
    event_type = _event_type(document)
    time = _time(document)
    content_type = document.get("datacontenttype")
    if content_type not in (None, "") and not is_json(content_type):
        raise Refused(
            "content_type", "/datacontenttype", f"send application/json, not {excerpt(content_type)}"
        )
    if "data_base64" in document:
        raise Refused("data_base64", "/data_base64", "move it there")
    data = document.get("data")
    if type(data) is not dict:
        raise refused_type("/data", data, "a JSON object")
    content = canonical(data, "/data")
    if holds_a_float(data):
        # What lies around the data is read once more, too, and Python reads no deeper than its own stack.
        canonical({**document, "data": None}, "")
        exactly = read_exactly(value)
        content = canonical(exactly if data_is_the_value else exactly["data"], "/data")
    return Event(
        source,
        event_id,
        event_type.name,
        time,
        _model(event_type, data, time),
        event_identity(source, event_id),
        blake2b(f"{event_type.name}\0".encode() + content, digest_size=16).digest(),
    )


def _model(event_type: EventType, data: dict[str, Any], time: int) -> EventData:
    try:
        model = event_type.model.__pydantic_validator__.validate_python(data)
    except ValidationError as error:
        raise refused_data(error) from None
    if type(model) is StationActivated and model.activated_at > time + ACTIVATED_AFTER_TIME_MAX_US:
        raise Refused("activated_after_time", "/data/activated_at", "set the clock that is wrong")
    assert isinstance(model, EventData)
    return model


def _identifier(document: Mapping[str, Any], name: str, max_length: int) -> str:
    text = document.get(name)
    if type(text) is not str or not text:
        raise refused_type(f"/{name}", text, "a JSON string")
    if len(text) > max_length:
        raise refused_length(f"/{name}", text, max_length)
    if _IDENTIFIER.fullmatch(text) is None:
        raise refused_text(f"/{name}", text)
    return text


def _event_type(document: Mapping[str, Any]) -> EventType:
    name = document.get("type")
    if type(name) is not str or not name:
        raise refused_type("/type", name, "a JSON string")
    event_type = EVENT_TYPES.get(name)
    if event_type is None:
        names = {_VERSION.sub("", known) for known in EVENT_TYPES}
        rule = "unknown_version" if _VERSION.sub("", name) in names else "unknown_type"
        raise Refused(rule, "/type", f"{excerpt(name)} is none of: {', '.join(EVENT_TYPES)}")
    return event_type


def _time(document: Mapping[str, Any]) -> int:
    text = document.get("time")
    if type(text) is not str or not text:
        raise refused_type("/time", text, "a JSON string")
    try:
        return parse_event_instant(text)
    except TimeError as error:
        raise Refused(error.rule, "/time", f"{excerpt(text)}: {error}") from None


def _wrong_specversion(version: object) -> Refused:
    if version is None or version == "":
        return Refused("missing", "/specversion", 'without it this is no CloudEvent: write "1.0"')
    return Refused("specversion", "/specversion", f'write "1.0", not {excerpt(version)}')


def _readable(text: object, max_length: int) -> str | None:
    return text if isinstance(text, str) and 0 < len(text) <= max_length and "\0" not in text else None
