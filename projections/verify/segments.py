"""The journal from end to end, a segment at a time."""

from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import msgspec
import zstandard

from projections.recorder.journal import subject_marks, unpack_segment
from projections.verify.differences import ABSENT, Differences
from schemas.envelope import Event, parse

SEGMENTS_AT_ONCE = 4


class Segment(NamedTuple):
    """The events of one segment with their positions, and how many messages its row says it holds."""

    number: int
    messages: int
    events: list[tuple[int, Event]]


async def segments(connection: Any, differences: Differences | None) -> AsyncIterator[Segment]:
    """Every segment, oldest first. What cannot be read is left out, and noted in `differences`."""
    async for number, messages, marks, body in connection.cursor(
        "select segment, messages, subjects, body from segments order by segment", prefetch=SEGMENTS_AT_ONCE
    ):
        events = _events(f"segment {number}", body, differences)
        if differences is not None:
            thing = f"segment {number}"
            if len(events) != messages:
                differences.note(thing, "messages", messages, len(events))
            differences.compare(thing, "subjects", marks, subject_marks([event for _, event in events]))
        yield Segment(number, messages, events)


def _events(thing: str, body: bytes, differences: Differences | None) -> list[tuple[int, Event]]:
    try:
        messages = unpack_segment(body)
    except (zstandard.ZstdError, msgspec.DecodeError) as error:
        if differences is not None:
            differences.note(thing, "body", f"unreadable ({error})", ABSENT)
        return []
    events = []
    for position, message in enumerate(messages):
        event = parse(message.value, message.headers)
        if isinstance(event, Event):
            events.append((position, event))
        elif differences is not None:
            differences.note(f"{thing}, message {position}", "body", event.message, ABSENT)
    return events
