"""Events as they were recorded: found by what they name, or by their ids."""

from collections.abc import AsyncIterator, Collection, Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from lifecycle.recording import Message
from projections.recorder import journal
from schemas.envelope import Event, event_identity, parse
from schemas.instants import format_instant

if TYPE_CHECKING:
    from projections.query.database import Reader

EventId = tuple[str, str]
"""Source and id."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Place(NamedTuple):
    """Where in the journal an event stands; places are in the order in which events were recorded."""

    segment: int
    position: int


class Recorded(NamedTuple):
    """An event, the message that brought it, and when it was recorded (microseconds)."""

    place: Place
    event: Event
    message: Message
    recorded_at: int

    def as_json(self) -> dict[str, object]:
        """Where it came from, and when."""
        return {
            "source": self.event.source,
            "id": self.event.id,
            "type": self.event.type,
            "time": format_instant(self.event.time),
            "recorded_at": format_instant(self.recorded_at),
            "topic": self.message.topic,
            "partition": self.message.partition,
            "offset": self.message.offset,
        }


BEGINNING = Place(0, -1)


async def naming(
    connection: "Reader", subjects: Collection[tuple[journal.Kind, str]], after: Place = BEGINNING
) -> AsyncIterator[list[Recorded]]:
    """Events that may name one of these subjects, as recorded, after a place: those of a segment at a time.

    Every segment's marks are read, and the segments in which something has the same mark (one or two ms each,
    for one in 512 events); one is held at a time.
    """
    marks = sorted({journal.subject_mark(kind, key) for kind, key in subjects})
    words = sorted({_word(kind, key).encode() for kind, key in subjects})
    segments = connection.cursor(
        """
        select segment, recorded_at, body from segments
        where subjects && $1::integer[] and segment >= $2 order by segment
        """,
        marks,
        after.segment,
        prefetch=journal.SEGMENTS_AT_ONCE,
    )
    async for segment, recorded_at, body in segments:
        found = []
        for position, message in enumerate(journal.unpack_segment(body)):
            place = Place(segment, position)
            if place > after and _may_name(message, words):
                found.append(_recorded(place, message, recorded_at))
        if found:
            yield found


async def by_id(connection: "Reader", ids: Iterable[EventId]) -> dict[EventId, Recorded]:
    """The events of these ids; one that is not recorded is left out."""
    identities = {event_identity(*each): each for each in ids}
    known = await journal.probe(connection, sorted(identities))
    positions: dict[int, list[int]] = {}
    for each in known.values():
        if each.segment is not None and each.position is not None:
            positions.setdefault(each.segment, []).append(each.position)
    found: dict[EventId, Recorded] = {}
    for segment in sorted(positions):
        row = await connection.fetchrow("select recorded_at, body from segments where segment = $1", segment)
        assert row is not None
        messages = journal.unpack_segment(row["body"])
        for position in positions[segment]:
            recorded = _recorded(Place(segment, position), messages[position], row["recorded_at"])
            found[recorded.event.source, recorded.event.id] = recorded
    return found


def _recorded(place: Place, message: Message, recorded_at: datetime) -> Recorded:
    event = parse(message.value, message.headers)
    assert isinstance(event, Event), "only events that were understood are recorded"
    return Recorded(place, event, message, (recorded_at - _EPOCH) // _MICROSECOND)


def _word(kind: journal.Kind, key: str) -> str:
    """A text that stands in every message that names the subject."""
    if kind is journal.Kind.LINE:
        return key.partition("\x1f")[0]
    return key.partition("\0")[2] if kind is journal.Kind.RETRACTED else key


def _may_name(message: Message, words: Iterable[bytes]) -> bool:
    """Without reading the JSON: a text stands in it as it is, unless it is escaped, which takes a backslash."""
    value = message.value or b""
    return b"\\" in value or any(word in value for word in words)
