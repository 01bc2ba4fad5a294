"""Events of the API's own as messages, and what the broker made of messages."""

from collections.abc import Sequence

import orjson

from projections.publishing.message import MessagePlace, NotPublished, Outgoing
from projections.publishing.publisher import NotTaken, Publisher
from projections.writing.judging import SOURCE
from projections.writing.results import PublishedEvent
from schemas.envelope import Event, parse
from schemas.headers import STRUCTURED_CONTENT_TYPE, Headers
from schemas.instants import format_instant
from schemas.topics import EVENT_TYPES

STRUCTURED: Headers = (("content-type", STRUCTURED_CONTENT_TYPE.encode()),)


class PartlyPublished(NotPublished):
    """The broker took some and not others; `events` are those that it has, `missing` says why of the others.

    `missing` holds the index of each among those that were to be published. They may be there all the same:
    published again, the same events change nothing.
    """

    def __init__(self, events: Sequence[PublishedEvent], missing: Sequence[tuple[int, str]]) -> None:
        super().__init__(f"{len(missing)} of {len(events) + len(missing)} events: {missing[0][1]}")
        self.events = events
        self.missing = missing


def own_messages(events: Sequence[dict[str, object]], now: int, topic_prefix: str) -> list[Outgoing]:
    """The messages of events that have an id, a type and data; they happen at `now` (microseconds)."""
    messages = []
    for event in events:
        envelope = {
            "specversion": "1.0",
            "source": SOURCE,
            "time": format_instant(now),
            "datacontenttype": "application/json",
        }
        value = orjson.dumps({**envelope, **event})
        parsed = parse(value, STRUCTURED)
        assert isinstance(parsed, Event), parsed
        messages.append(message_of(parsed, value, STRUCTURED, topic_prefix))
    return messages


def message_of(event: Event, value: bytes, headers: Headers, topic_prefix: str) -> Outgoing:
    """An event on its way to the topic of its type, under its key."""
    event_type = EVENT_TYPES[event.type]
    return Outgoing(topic_prefix + event_type.topic, event_type.key(event.data).encode(), value, headers)


async def published(publisher: Publisher, messages: Sequence[Outgoing]) -> list[PublishedEvent]:
    """Publish events; where each lies. Raises `NotPublished`, `PartlyPublished` where the broker has some."""
    if not messages:
        return []
    outcomes = await publisher.publish(messages)
    events: list[PublishedEvent] = []
    missing: list[tuple[int, str]] = []
    for index, (message, outcome) in enumerate(zip(messages, outcomes, strict=True)):
        if isinstance(outcome, NotTaken):
            missing.append((index, outcome.sentence))
        else:
            events.append(_at(outcome, message))
    if missing:
        raise PartlyPublished(events, missing)
    return events


def _at(place: MessagePlace, message: Outgoing) -> PublishedEvent:
    event = parse(message.value, message.headers)
    assert isinstance(event, Event), "only events are published"
    return PublishedEvent(event.source, event.id, event.type, *place)
