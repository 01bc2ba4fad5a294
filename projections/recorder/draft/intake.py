"""What of a batch is news: repeats are dropped, contradictions refused, retractions matched with their targets."""

from collections.abc import Sequence
from typing import Any

from lifecycle.recording import Message, Received
from projections.recorder import copying
from projections.recorder.journal import Known
from schemas.envelope import Event, event_identity
from schemas.events import EventRetracted
from schemas.rules import Invalid

_ROW = copying.BYTES * 2 + copying.BIGINT + copying.INTEGER + copying.INSTANT


class Intake:
    """A batch, sorted.

    `fresh` are the events that the journal lacks, each once, in order; `events` the same by identity. `retracted`
    holds the earliest retraction (the `time` of its envelope) of each that is taken back, whether by this batch or
    before; `taken_back` the earlier recorded events that this batch takes back, by identity.
    """

    def __init__(self, received: Sequence[Received]) -> None:
        self.received = received
        self.invalid: list[tuple[Message, Invalid]] = []
        self.fresh: list[tuple[Received, Event]] = []
        self.events: dict[bytes, Event] = {}
        self.repeats = 0
        self.contradicting: list[tuple[Received, Message | None, tuple[int, int] | None]] = []
        self.retracted: dict[bytes, int] = {}
        self.taken_back: dict[bytes, Event] = {}
        self.retractions: dict[bytes, int] = {}
        self._known: dict[bytes, Known] = {}

    def identities(self) -> list[bytes]:
        """What the journal is to be asked for."""
        identities: set[bytes] = set()
        for received in self.received:
            parsed = received.parsed
            if isinstance(parsed, Invalid):
                self.invalid.append((received.message, parsed))
                continue
            identities.add(parsed.identity)
            if type(parsed.data) is EventRetracted:
                identities.add(target_of(parsed))
        return sorted(identities)

    def know(self, rows: Sequence[Any]) -> None:
        """Sort the batch by what the journal holds."""
        self._known = {row[0]: Known(row[1], row[2], row[3], row[4]) for row in rows}
        first: dict[bytes, Received] = {}
        for received in self.received:
            event = received.parsed
            if isinstance(event, Invalid):
                continue
            before = self._known.get(event.identity)
            if event.identity in first:
                if self.events[event.identity].content == event.content:
                    self.repeats += 1
                else:
                    self.contradicting.append((received, first[event.identity].message, None))
            elif before is not None and before.content is not None:
                if before.content == event.content:
                    self.repeats += 1
                else:
                    self.contradicting.append((received, None, _place(before)))
            else:
                first[event.identity] = received
                self.events[event.identity] = event
                self.fresh.append((received, event))
                if type(event.data) is EventRetracted:
                    target = target_of(event)
                    self.retractions[target] = min(event.time, self.retractions.get(target, event.time))
        for identity in self.events.keys() & (self._known.keys() | self.retractions.keys()):
            before = self._known.get(identity)
            times = (None if before is None else before.retracted, self.retractions.get(identity))
            retracted_at = min((time for time in times if time is not None), default=None)
            if retracted_at is not None:
                self.retracted[identity] = retracted_at

    def targets(self) -> list[tuple[bytes, int, int]]:
        """Where the recorded events lie that are taken back."""
        return [
            (identity, *_place(self._known[identity]))
            for identity in self.retractions
            if identity in self._known and self._known[identity].content is not None
        ]

    def rows(
        self, positions: Sequence[tuple[int, int]]
    ) -> tuple[bytes | None, list[tuple[Any, ...]], list[tuple[Any, ...]]]:
        """What is to be written of identities, as `Draft.identities` has it."""
        made: list[bytes] = []
        arrived: list[tuple[Any, ...]] = []
        for (_, event), (segment, position) in zip(self.fresh, positions, strict=True):
            identity = event.identity
            row = identity, event.content, segment, position, self.retracted.get(identity)
            if identity in self._known:
                arrived.append(row)
            else:
                made.append(copying.fields(row, _ROW))
        named = {identity: time for identity, time in self.retractions.items() if identity not in self.events}
        made.extend(
            copying.fields((identity, None, None, None, time), _ROW)
            for identity, time in named.items()
            if identity not in self._known
        )
        made.sort()  # by identity, which each row begins with
        earlier = [
            (identity, time, self._known[identity].content)
            for identity, time in named.items()
            if identity in self._known
        ]
        return copying.content(len(_ROW), made), sorted(arrived), sorted(earlier)


def target_of(event: Event) -> bytes:
    """The identity of the event that a retraction takes back."""
    assert type(event.data) is EventRetracted
    return event_identity(event.data.event_source, event.data.event_id)


def _place(known: Known) -> tuple[int, int]:
    assert known.segment is not None
    assert known.position is not None
    return known.segment, known.position
