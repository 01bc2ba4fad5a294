"""The message that a dead letter was, and the one that it is requeued as.

A requeued message keeps its topic, key and headers, and gets two headers more, which tell where it was
before. They are no attributes of a CloudEvent, so that they change nothing of what the message says.
"""

import re

import msgspec
import orjson

from projections.dead_letters.letter import Origin, WholeLetter
from projections.dead_letters.refusals import WrongEdit
from projections.publishing.message import MessagePlace, Outgoing
from schemas.envelope import parse
from schemas.headers import STRUCTURED_CONTENT_TYPE, Headers
from schemas.rules import Invalid

REQUEUED_FROM = "requeued-from"
REQUEUED_DEAD_LETTER = "requeued-dead-letter"
_PLACE = re.compile(r"([A-Za-z0-9._-]{1,249})/([0-9]{1,9})/([0-9]{1,18})")
_NUMBER = re.compile(r"[0-9]{1,18}")

_decode = msgspec.msgpack.Decoder(list[tuple[str, bytes | None]]).decode


def unpack_headers(packed: bytes) -> Headers:
    """The headers as the recorder packed them."""
    return _decode(packed)


def origin_of(headers: Headers) -> Origin | None:
    """Which letter a message was before; None where it does not say, or not in these words."""
    said = {name: value for name, value in headers if name in (REQUEUED_FROM, REQUEUED_DEAD_LETTER)}
    place = _PLACE.fullmatch(_text(said.get(REQUEUED_FROM)))
    number = _NUMBER.fullmatch(_text(said.get(REQUEUED_DEAD_LETTER)))
    if place is None or number is None:
        return None
    return Origin(int(number[0]), MessagePlace(place[1], int(place[2]), int(place[3])))


def requeued(whole: WholeLetter, edit: bytes | None) -> Outgoing:
    """The message to publish: as it was, or with the structured CloudEvent `edit` in its place."""
    headers = [
        (name, value) for name, value in whole.headers if name not in (REQUEUED_FROM, REQUEUED_DEAD_LETTER)
    ]
    if edit is not None:
        # What described the old value would contradict the new one, above all in binary mode.
        others = [(name, value) for name, value in headers if not _is_of_cloudevents(name)]
        headers = [("content-type", STRUCTURED_CONTENT_TYPE.encode()), *others]
    place = whole.letter.place
    origin: Headers = [
        (REQUEUED_FROM, str(place).encode()),
        (REQUEUED_DEAD_LETTER, str(whole.letter.dead_letter).encode()),
    ]
    return Outgoing(place.topic, whole.key, whole.value if edit is None else edit, [*headers, *origin])


def check_edit(edit: bytes) -> None:
    """Raise `WrongEdit` unless it is an event in structured mode."""
    parsed = parse(edit, (("content-type", STRUCTURED_CONTENT_TYPE.encode()),))
    if isinstance(parsed, Invalid):
        raise WrongEdit(parsed)


def as_one_document(whole: WholeLetter) -> bytes:
    """The message to be corrected by hand: its value, in binary mode with the attributes around it.

    Data that is no JSON text becomes a JSON string, so that the rest can be read.
    """
    attributes = {
        name.lower().removeprefix("ce_"): _text(value)
        for name, value in whole.headers
        if name.lower().startswith("ce_")
    }
    value = whole.value or b""
    if not attributes or _is_structured(whole.headers):
        return value
    try:
        data: object = orjson.loads(value)
    except orjson.JSONDecodeError:
        data = value.decode(errors="replace")
    return orjson.dumps({**attributes, "data": data}, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _is_structured(headers: Headers) -> bool:
    types = [_text(value).lower() for name, value in headers if name.lower() == "content-type"]
    return any(each.startswith("application/cloudevents") for each in types)


def _is_of_cloudevents(header: str) -> bool:
    return header.lower() == "content-type" or header.lower().startswith("ce_")


def _text(value: bytes | None) -> str:
    return "" if value is None else value.decode(errors="replace")
