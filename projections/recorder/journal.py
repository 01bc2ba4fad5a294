"""The journal: every event once, as it came, in compressed segments."""

from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from enum import IntEnum
from typing import Any
from zlib import crc32

import msgspec
import zstandard

from lifecycle.recording import Message
from lifecycle.workspace import SubjectKeys, serials_of, subject_keys
from schemas.envelope import Event, parse
from schemas.events import EventRetracted, OrderPlaced, OrderShipped

MESSAGES_A_SEGMENT = 512
SEGMENTS_AT_ONCE = 10

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[Message]).decode


class Known(msgspec.Struct, frozen=True, gc=False):
    """What the journal holds under an identity. `content` is None where a retraction alone has named it."""

    content: bytes | None
    segment: int | None
    position: int | None
    retracted: int | None


async def probe_rows(connection: Any, identities: Sequence[bytes]) -> list[Any]:
    """What is known of these events: identity, content, segment, position, retracted_at a row."""
    if not identities:
        return []
    rows: list[Any] = await connection.fetch(
        "select identity, content, segment, position, retracted_at from events where identity = any($1::bytea[])",
        identities,
    )
    return rows


async def probe(connection: Any, identities: Sequence[bytes]) -> dict[bytes, Known]:
    """What is known of these events."""
    rows = await probe_rows(connection, identities)
    return {row[0]: Known(row[1], row[2], row[3], row[4]) for row in rows}


async def read_back(connection: Any, segment: int, position: int) -> tuple[Message, Event]:
    """A recorded event, from its segment."""
    body = await connection.fetchval("select body from segments where segment = $1", segment)
    message = unpack_segment(body)[position]
    event = parse(message.value, message.headers)
    assert isinstance(event, Event), "only events that were understood are recorded"
    return message, event


async def read_back_all(connection: Any, identities: Iterable[bytes]) -> dict[bytes, Event]:
    """Recorded events, a segment at a time. One that is not recorded is left out."""
    places: dict[int, dict[int, bytes]] = defaultdict(dict)
    for identity, known in (await probe(connection, sorted(identities))).items():
        if known.segment is not None and known.position is not None:
            places[known.segment][known.position] = identity
    events: dict[bytes, Event] = {}
    async for segment, body in connection.cursor(
        "select segment, body from segments where segment = any($1::bigint[])",
        sorted(places),
        prefetch=SEGMENTS_AT_ONCE,
    ):
        messages = unpack_segment(body)
        for position, identity in places[segment].items():
            event = parse(messages[position].value, messages[position].headers)
            assert isinstance(event, Event), "only events that were understood are recorded"
            events[identity] = event
    return events


async def append(connection: Any, segments: Sequence[tuple[int, Sequence[int], bytes]]) -> list[int]:
    """Store segments: how many messages, the marks, the body to be compressed of each. Gives their numbers."""
    numbers = await connection.fetch(
        "select nextval(pg_get_serial_sequence('segments', 'segment')) from generate_series(1, $1)",
        len(segments),
    )
    compress = zstandard.ZstdCompressor(level=1).compress
    await connection.copy_records_to_table(
        "segments",
        records=[
            (number, messages, marks, compress(body))
            for (number,), (messages, marks, body) in zip(numbers, segments, strict=True)
        ],
        columns=("segment", "messages", "subjects", "body"),
    )
    return [number for (number,) in numbers]


def pack_segment(messages: Sequence[Message]) -> bytes:
    """The body of a segment, before it is compressed."""
    return _encode(messages)


def unpack_segment(body: bytes) -> list[Message]:
    """The messages of a segment."""
    return _decode(zstandard.ZstdDecompressor().decompress(body))


class Kind(IntEnum):
    """What a mark stands for; one number may be a line and a shipment."""

    TOKEN = 0
    LINE = 1
    SHIPMENT = 2
    STATION = 3
    RETRACTED = 4


def retracted_key(source: str, event_id: str) -> str:
    """What stands for an event in the mark of the segment in which it is retracted."""
    return f"{source}\0{event_id}"


def subject_mark(kind: Kind, key: str) -> int:
    """The number under which a segment is found by what its messages name (as a Postgres `integer`)."""
    return crc32(key.encode(), kind) - 0x8000_0000


def subject_marks(events: Sequence[Event]) -> list[int]:
    """The marks of a segment of these events, sorted."""
    keys: SubjectKeys = subject_keys(events)
    serials: set[str] = set()
    retracted: set[str] = set()
    for event in events:
        data: Any = event.data
        if type(data) in (OrderPlaced, OrderShipped):
            for line in data.lines:
                serials.update(line.token_serials)
        elif type(data) is EventRetracted:
            retracted.add(retracted_key(data.event_source, data.event_id))
        else:
            serials.update(serials_of(data))
    named = (
        (Kind.TOKEN, serials),
        (Kind.LINE, keys.lines),
        (Kind.SHIPMENT, keys.shipments),
        (Kind.STATION, keys.stations),
        (Kind.RETRACTED, retracted),
    )
    marks = {subject_mark(kind, key) for kind, keys_named in named for key in keys_named}
    return sorted(marks)


async def events_of_segments_naming(
    connection: Any, kind: Kind, keys: Collection[str]
) -> AsyncIterator[Event]:
    """Every recorded event of the segments that name one of these subjects, oldest first, one at a time."""
    async for (body,) in connection.cursor(
        "select body from segments where subjects && $1::integer[] order by segment",
        [subject_mark(kind, key) for key in keys],
        prefetch=SEGMENTS_AT_ONCE,
    ):
        for message in unpack_segment(body):
            event = parse(message.value, message.headers)
            assert isinstance(event, Event), "only events that were understood are recorded"
            yield event
