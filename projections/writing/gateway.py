"""Events that come over HTTP, from producers without a Kafka client: taken apart, checked, and made into messages.

All three modes of the HTTP binding of CloudEvents: structured, batched, and binary with `ce-` headers. Each event
is checked as if it had come by Kafka, and goes there byte for byte as it came.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

import msgspec

from projections.publishing.message import Outgoing
from projections.writing.body import ERRORS_SHOWN, WrongBody, body_error
from projections.writing.outgoing import STRUCTURED, message_of
from projections.writing.wrong_fields import wrong_fields
from schemas.envelope import Event, parse
from schemas.headers import STRUCTURED_CONTENT_TYPE, Headers, is_json
from schemas.rules import Invalid, Refused

BATCH_CONTENT_TYPE = "application/cloudevents-batch+json"
MAX_EVENTS = 1_000
MAX_BODY_BYTES = 8 * 1024 * 1024

_ATTRIBUTE = "ce-"
_QUOTED = re.compile(rb'"(.*)"', re.DOTALL)
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[\[\]{},]', re.DOTALL)
_split = msgspec.json.Decoder(list[msgspec.Raw]).decode


class WrongContentType(Exception):
    """The body is of a type that holds no events."""

    def __init__(self, content_type: str | None) -> None:
        super().__init__(
            f"send {STRUCTURED_CONTENT_TYPE}, {BATCH_CONTENT_TYPE}, or application/json with `ce-` headers, "
            f"not {content_type or 'a body of no type'}"
        )


@dataclass(frozen=True, slots=True)
class WrongEvent:
    """One thing that is wrong with an event of a request: its index, and what `Invalid` says."""

    index: int
    invalid: Invalid


class WrongEvents(Exception):
    """Some of the events are none; `wrong` says why, up to `ERRORS_SHOWN`. Nothing was published."""

    def __init__(self, wrong: Sequence[WrongEvent], wrong_events: int, events: int) -> None:
        super().__init__(f"nothing was published: {wrong_events:,} of {events:,} events are wrong")
        self.wrong = list(wrong)


class _Message(NamedTuple):
    value: bytes
    headers: Headers


def messages_of(
    body: bytes, content_type: str | None, http_headers: Sequence[tuple[bytes, bytes]], topic_prefix: str
) -> list[Outgoing]:
    """The messages to publish, in the order of the events.

    Names of headers are in lower case. Raises `WrongContentType`, `WrongBody` where a batch is none, and
    `WrongEvents`.
    """
    given = _taken_apart(body, content_type, http_headers)
    messages: list[Outgoing] = []
    wrong: list[WrongEvent] = []
    wrong_events = 0
    contents: dict[bytes, bytes] = {}
    for index, (value, headers) in enumerate(given):
        parsed = parse(value, headers)
        if (
            isinstance(parsed, Event)
            and contents.setdefault(parsed.identity, parsed.content) != parsed.content
        ):
            parsed = _other_content(parsed)
        if isinstance(parsed, Invalid):
            wrong_events += 1
            room = ERRORS_SHOWN - len(wrong)
            if room > 0:
                found = wrong_fields(value, headers, parsed, room)
                wrong.extend(WrongEvent(index, each) for each in found)
        else:
            messages.append(message_of(parsed, value, headers, topic_prefix))
    if wrong:
        raise WrongEvents(wrong, wrong_events, len(given))
    return messages


def _taken_apart(
    body: bytes, content_type: str | None, http_headers: Sequence[tuple[bytes, bytes]]
) -> list[_Message]:
    media_type = (content_type or "").partition(";")[0].strip().lower()
    if media_type == BATCH_CONTENT_TYPE:
        return _batch(body)
    if media_type == STRUCTURED_CONTENT_TYPE:
        return [_Message(body, STRUCTURED)]
    if content_type is None or not is_json(content_type) or media_type.startswith("application/cloudevents"):
        raise WrongContentType(content_type)
    attributes = _binary_headers(http_headers)
    if attributes:
        return [_Message(body, [("content-type", content_type.encode()), *attributes])]
    # As those send it who know of JSON alone; what it is can be seen.
    return _batch(body) if body.lstrip()[:1] == b"[" else [_Message(body, STRUCTURED)]


def _batch(body: bytes) -> list[_Message]:
    """Each event as it is written: read and written anew, long numbers would not be what they were."""
    if _holds_too_many(body):
        refused = Refused("too_many_items", "", f"send {MAX_EVENTS:,} events at once")
        raise WrongBody([body_error(refused)])
    try:
        parts = _split(body)
    except (msgspec.DecodeError, RecursionError) as error:
        refused = Refused(
            "not_json", "", f"it cannot be read as an array ({error}): send a JSON array of events"
        )
        raise WrongBody([body_error(refused)]) from None
    if not parts:
        raise WrongBody([body_error(Refused("empty", "", "send one event at least"))])
    return [_Message(bytes(part), STRUCTURED) for part in parts]


def _holds_too_many(body: bytes) -> bool:
    """Whether an array has more than `MAX_EVENTS` elements, told without the memory that millions of them take."""
    depth = commas = 0
    for token in _TOKEN.finditer(body):
        match token[0]:
            case b"[" | b"{":
                depth += 1
            case b"]" | b"}":
                depth -= 1
            case b"," if depth == 1:
                commas += 1
                if commas == MAX_EVENTS:
                    return True
    return False


def _binary_headers(http_headers: Sequence[tuple[bytes, bytes]]) -> list[tuple[str, bytes | None]]:
    """The attributes as the Kafka binding has them: of another prefix, and without percent-encoding."""
    return [
        ("ce_" + name.decode("latin-1").removeprefix(_ATTRIBUTE), _decoded(value))
        for name, value in http_headers
        if name.startswith(_ATTRIBUTE.encode())
    ]


def _decoded(value: bytes) -> bytes:
    quoted = _QUOTED.fullmatch(value)
    return unquote_to_bytes(value if quoted is None else _ESCAPED.sub(rb"\1", quoted[1]))


def _other_content(event: Event) -> Invalid:
    return Invalid(
        "other_content",
        "/id",
        f"other_content at /id: an event before it in the request has the same source {event.source!r} and id "
        f"{event.id!r} but other content; send a correction under an id of its own",
        event.source,
        event.id,
    )
