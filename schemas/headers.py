"""The headers of a message: which of the two modes it is in, and the attributes of the binary one.

As the Kafka protocol binding of CloudEvents has it, a content type of `application/cloudevents…` means
structured mode, and `ce_…` headers without it binary mode. A message with neither is taken for a structured
one, as producers without a CloudEvents library send it.
"""

import re
from collections.abc import Sequence

from schemas.json_text import pointer_of
from schemas.rules import Refused

Headers = Sequence[tuple[str, bytes | None]]

STRUCTURED_CONTENT_TYPE = "application/cloudevents+json"
_USUAL_HEADER = ("content-type", STRUCTURED_CONTENT_TYPE.encode())
_JSON_TYPE = re.compile(r"application/json|[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+\+json")


def binary_attributes(headers: Headers) -> dict[str, object] | None:
    """The attributes of an event in binary mode; None in structured mode. Raises `Refused`."""
    if is_usual(headers):
        return None
    attributes: dict[str, object] = {}
    for name, value in headers:
        attribute = _attribute(name)
        if attribute is None or value is None:
            continue
        text = _text(attribute, value)
        if attributes.setdefault(attribute, text) != text:
            raise Refused("repeated_header", pointer_of([attribute]), "this one says two things")
    content_type = _media_type(attributes.get("datacontenttype"))
    if content_type.startswith("application/cloudevents"):
        if content_type != STRUCTURED_CONTENT_TYPE:
            raise Refused("content_type", "", f"send one event in each message, as {STRUCTURED_CONTENT_TYPE}")
        return None
    if attributes.keys() <= {"datacontenttype"}:
        return None
    return attributes


def is_usual(headers: Headers) -> bool:
    """Whether these are the headers of nearly every message, in structured mode; or none."""
    return not headers or (len(headers) == 1 and headers[0] == _USUAL_HEADER)


def is_json(content_type: object) -> bool:
    """Whether a content type, parameters or not, is one of JSON."""
    return content_type == "application/json" or _JSON_TYPE.fullmatch(_media_type(content_type)) is not None


def _attribute(header: str) -> str | None:
    name = header.lower()
    if name == "content-type":
        return "datacontenttype"
    return name.removeprefix("ce_") if name.startswith("ce_") else None


def _media_type(content_type: object) -> str:
    return content_type.partition(";")[0].strip().lower() if isinstance(content_type, str) else ""


def _text(attribute: str, value: bytes) -> str:
    if "\0" in attribute or b"\0" in value:
        raise Refused("nul", pointer_of([attribute.replace("\0", "")]), "it cannot be stored: take it out")
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise Refused("not_utf8", pointer_of([attribute]), "encode this one so") from None
