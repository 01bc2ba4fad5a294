"""What of a batch is news: repeats are dropped, contradictions refused, retractions matched with their targets."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from lifecycle.recording import Message, Received
from projections.recorder import copying, journal
from projections.recorder.failures import RaceLost
from projections.recorder.journal import Known
from schemas.envelope import Event, event_identity
from schemas.events import EventRetracted
from schemas.rules import Invalid

_COLUMNS = ("identity", "content", "segment", "position", "retracted_at")
_ROW = copying.BYTES * 2 + copying.BIGINT + copying.INTEGER + copying.INSTANT


class Intake(NamedTuple):
    """A batch, sorted.

    `fresh` are the events that the journal lacks, each once, in order; `events` the same by identity. `retracted`
    holds the earliest retraction (the `time` of its envelope) of each that is taken back, whether by this batch or
    before; `taken_back` the earlier recorded events that this batch takes back, by identity, with the earliest time.
    """

    fresh: list[tuple[Received, Event]]
    events: dict[bytes, Event]
    repeats: int
    refused: list[tuple[Message, Invalid]]
    known: dict[bytes, Known]
    retracted: dict[bytes, int]
    taken_back: dict[bytes, tuple[Event, int]]
    retractions: dict[bytes, int]

    @staticmethod
    def target_of(event: Event) -> bytes:
        """The identity of the event that a retraction takes back."""
        assert type(event.data) is EventRetracted
        return event_identity(event.data.event_source, event.data.event_id)

    async def remember(self, connection: Any, positions: Sequence[tuple[int, int]]) -> None:
        """Write the batch's identities, and what it says of others.

        A row that another worker changed since the probe raises `RaceLost`; one that it made, a unique violation.
        """
        made: list[bytes] = []
        arrived: list[tuple[Any, ...]] = []
        for (_, event), (segment, position) in zip(self.fresh, positions, strict=True):
            identity = event.identity
            row = identity, event.content, segment, position, self.retracted.get(identity)
            if identity in self.known:
                arrived.append(row)
            else:
                made.append(copying.fields(row, _ROW))
        named = {identity: time for identity, time in self.retractions.items() if identity not in self.events}
        made.extend(
            copying.fields((identity, None, None, None, time), _ROW)
            for identity, time in named.items()
            if identity not in self.known
        )
        if made:
            made.sort()  # by identity, which each row begins with
            await copying.copy(connection, "events", _COLUMNS, made)
        if arrived:
            await self._settle(
                connection,
                """
                update events set content = batch.content, segment = batch.segment, position = batch.position,
                    retracted_at = least(events.retracted_at, batch.retracted_at)
                from unnest($1::bytea[], $2::bytea[], $3::bigint[], $4::integer[], $5::timestamptz[])
                    as batch (identity, content, segment, position, retracted_at)
                where events.identity = batch.identity and events.content is null
                  and events.retracted_at >= batch.retracted_at
                returning 1
                """,
                arrived,
            )
        earlier = [
            (identity, time, self.known[identity].content)
            for identity, time in named.items()
            if identity in self.known
        ]
        if earlier:
            await self._settle(
                connection,
                """
                update events set retracted_at = least(events.retracted_at, batch.retracted_at)
                from unnest($1::bytea[], $2::timestamptz[], $3::bytea[]) as batch (identity, retracted_at, content)
                where events.identity = batch.identity and events.content is not distinct from batch.content
                returning 1
                """,
                earlier,
            )

    @staticmethod
    async def _settle(connection: Any, statement: str, rows: list[tuple[Any, ...]]) -> None:
        rows.sort()
        if len(await connection.fetch(statement, *map(list, zip(*rows, strict=True)))) != len(rows):
            raise RaceLost


async def take_in(connection: Any, batch: Sequence[Received]) -> Intake:
    """Hold a batch against the journal."""
    refused: list[tuple[Message, Invalid]] = []
    events: list[tuple[Received, Event]] = []
    retractions: dict[bytes, int] = {}
    identities: set[bytes] = set()
    for received in batch:
        parsed = received.parsed
        if isinstance(parsed, Invalid):
            refused.append((received.message, parsed))
            continue
        events.append((received, parsed))
        identities.add(parsed.identity)
        if type(parsed.data) is EventRetracted:
            identities.add(Intake.target_of(parsed))
    known = await journal.probe(connection, sorted(identities)) if identities else {}

    fresh: dict[bytes, tuple[Received, Event]] = {}
    repeats = 0
    for received, event in events:
        before = known.get(event.identity)
        first = fresh.get(event.identity)
        if first is not None:
            if first[1].content == event.content:
                repeats += 1
            else:
                refused.append((received.message, _other_content(event, first[0].message)))
        elif before is not None and before.content is not None:
            if before.content == event.content:
                repeats += 1
            else:
                first_message, _ = await journal.read_back(connection, before)
                refused.append((received.message, _other_content(event, first_message)))
        else:
            fresh[event.identity] = (received, event)
            if type(event.data) is EventRetracted:
                target = Intake.target_of(event)
                retractions[target] = min(event.time, retractions.get(target, event.time))

    retracted: dict[bytes, int] = {}
    for identity in fresh.keys() & (known.keys() | retractions.keys()):
        times = (_placeholder(known, identity), retractions.get(identity))
        retracted_at = min((time for time in times if time is not None), default=None)
        if retracted_at is not None:
            retracted[identity] = retracted_at
    taken_back: dict[bytes, tuple[Event, int]] = {}
    for identity, time in retractions.items():
        before = known.get(identity)
        if before is not None and before.content is not None:
            _, recorded = await journal.read_back(connection, before)
            taken_back[identity] = (recorded, time)
    by_identity = {identity: event for identity, (_, event) in fresh.items()}
    return Intake(
        list(fresh.values()), by_identity, repeats, refused, known, retracted, taken_back, retractions
    )


def _placeholder(known: dict[bytes, Known], identity: bytes) -> int | None:
    return known[identity].retracted if identity in known else None


def _other_content(event: Event, first: Message) -> Invalid:
    return Invalid(
        "other_content",
        "/id",
        f"an event with source {event.source!r} and id {event.id!r} but other content was recorded first, from topic "
        f"{first.topic}, partition {first.partition}, offset {first.offset}; it stands. Send a correction under an id "
        "of its own",
        event.source,
        event.id,
    )
