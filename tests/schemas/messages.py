"""Messages for the tests of the schemas: golden examples with changes, in structured and in binary mode."""

import copy
import json
from typing import Any

from schemas.envelope import Event, parse
from schemas.golden import GOLDEN
from schemas.headers import Headers
from schemas.rules import Invalid

Json = dict[str, Any]
ABSENT = object()
STRUCTURED = (("content-type", b"application/cloudevents+json"),)


def golden(name: str, **data: Any) -> Json:
    """The golden `servicetokens.<name>.v1` with fields of its data changed, or left out for `ABSENT`."""
    event = copy.deepcopy(GOLDEN[f"servicetokens.{name}.v1"])
    event["data"] = {
        field: value for field, value in {**event["data"], **data}.items() if value is not ABSENT
    }
    return event


def with_attributes(event: Json, **attributes: Any) -> Json:
    """The event with attributes of its envelope changed, or left out for `ABSENT`."""
    return {name: value for name, value in {**event, **attributes}.items() if value is not ABSENT}


def order(*lines: Json, **data: Any) -> Json:
    """The golden order with the first golden line changed as each of `lines` says (its two lines if none)."""
    event = golden("order.placed", **data)
    if lines:
        first = event["data"]["lines"][0]
        event["data"]["lines"] = [
            {field: value for field, value in {**first, **line}.items() if value is not ABSENT}
            for line in lines
        ]
    return event


def shipment(*lines: Json, **data: Any) -> Json:
    """The golden shipment, of the given lines."""
    return golden("order.shipped", **data, lines=list(lines))


def encoded(event: Any) -> bytes:
    return json.dumps(event, ensure_ascii=False).encode()


def binary(event: Json) -> tuple[bytes, list[tuple[str, bytes | None]]]:
    """Value and headers of the event in binary mode."""
    headers: list[tuple[str, bytes | None]] = [
        (f"ce_{name}", str(value).encode())
        for name, value in event.items()
        if name not in ("data", "datacontenttype")
    ]
    headers.append(("content-type", str(event.get("datacontenttype", "application/json")).encode()))
    return encoded(event["data"]), headers


def taken(event: Any, headers: Headers = STRUCTURED) -> Event:
    """The event that the message is read as; it must be one."""
    value = event if isinstance(event, bytes) else encoded(event)
    read = parse(value, headers)
    assert isinstance(read, Event), read
    return read


def invalid(value: bytes | None, headers: Headers = STRUCTURED) -> Invalid:
    """What the message comes back as; it must be no event."""
    read = parse(value, headers)
    assert isinstance(read, Invalid), read
    return read


def refused(event: Any, headers: Headers = STRUCTURED) -> tuple[str, str]:
    """The rule that the message breaks, and where; it must break one."""
    read = invalid(event if isinstance(event, bytes) else encoded(event), headers)
    return read.rule, read.pointer
