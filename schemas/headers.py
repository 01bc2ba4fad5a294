"""The headers of a message: which of the two modes it is in, and the attributes of the binary one.

As the Kafka protocol binding of CloudEvents has it: a content type of `application/cloudevents…` means structured
mode, and `ce_…` headers without it binary mode. A message with neither is taken for a structured one, as producers
without a CloudEvents library send it.
"""

import re
from collections.abc import Sequence

from schemas.json_text import escape
from schemas.rules import Refused

Headers = Sequence[tuple[str, bytes | None]]

_ANY_CLOUDEVENTS = "application/cloudevents"
_STRUCTURED = "application/cloudevents+json"
_JSON_TYPE = re.compile(r"application/json|[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+\+json")


def binary_attributes(headers: Headers) -> dict[str, object] | None:
    """The attributes of an event in binary mode, None in structured mode. Raises `Refused`."""
    attributes: dict[str, object] = {}
    seen: dict[str, bytes | None] = {}
    for name, value in headers:
        name = name.lower()
        if name == "content-type":
            attribute = "datacontenttype"
        elif name.startswith("ce_"):
            attribute = name[3:]
        else:
            continue
        if seen.setdefault(attribute, value) != value:
            raise Refused("repeated_header", _pointer(attribute), "it stands twice and says two things: send it once")
        attributes[attribute] = _text(attribute, value)
    content_type = attributes.get("datacontenttype")
    if isinstance(content_type, str) and media_type(content_type).startswith(_ANY_CLOUDEVENTS):
        if media_type(content_type) != _STRUCTURED:
            raise Refused("content_type", "", f"send {_STRUCTURED}, one event in each message")
        return None
    if not attributes.keys() - {"datacontenttype"}:
        return None
    return attributes


def media_type(content_type: str) -> str:
    """A content type without its parameters, in lower case."""
    return content_type.partition(";")[0].strip().lower()


def is_json(content_type: str) -> bool:
    return _JSON_TYPE.fullmatch(media_type(content_type)) is not None


def _text(attribute: str, value: bytes | None) -> str | None:
    if value is None:
        return None
    try:
        text = value.decode()
    except UnicodeDecodeError:
        raise Refused("not_utf8", _pointer(attribute), "encode the header as UTF-8") from None
    if "\0" in text or "\0" in attribute:
        raise Refused("nul", _pointer(attribute), "take the NUL out; it cannot be stored")
    return text


def _pointer(attribute: str) -> str:
    return "/" + escape(attribute).replace("\0", "")
