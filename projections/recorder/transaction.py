"""One batch, one transaction. Read from top to bottom: the order of the steps is why it is right."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from lifecycle.facts import Activation
from lifecycle.recording import Batch, Message, Received, Recorded
from projections.recorder import (
    dead_letters,
    identities,
    journal,
    locks,
    names,
    offsets,
    order_lines,
    subjects,
)
from projections.recorder.draft import Draft
from projections.recorder.failures import TooWide
from projections.recorder.refolding import Refolding
from schemas.envelope import Event
from schemas.events import StationActivated
from schemas.rules import Invalid

TOKENS_A_TRANSACTION = 200_000
# So many are restored by one reading of the journal, which takes its time, and the memory of their years of boots.
STATIONS_AT_ONCE = 32


class Transaction:
    """Carries one batch from its messages to the rows. `draft` is an empty one."""

    def __init__(self, connection: Any, draft: Draft, clock: Callable[[], int], fold_version: int) -> None:
        self._connection = connection
        self._draft = draft
        self._refolding = Refolding(connection, draft, clock, fold_version)

    async def record(self, batch: Batch) -> Recorded:
        """Record the batch, all of it or nothing."""
        connection, draft = self._connection, self._draft
        async with connection.transaction():
            await offsets.advance(connection, batch.advances)
            draft.know(await journal.probe_rows(connection, draft.take(batch.received)))
            refused = [*draft.invalid(), *await self._contradictions()]
            if draft.events:
                await self._journal()
                await self._gather()
                await self._refolding.fold(
                    draft.touched(),
                    meanwhile=(self._save_subjects, partial(order_lines.save, connection, draft)),
                )
            if refused:
                await dead_letters.bury(connection, refused)
        draft.committed()
        dead_letters.tell(refused)
        return Recorded(
            draft.events,
            draft.repeats,
            len(refused),
            self._refolding.tokens_written,
            self._refolding.announced,
        )

    async def _contradictions(self) -> list[tuple[Message, Invalid]]:
        """Known ids with other content, each with the message that was recorded first."""
        letters = []
        for received, first, place in self._draft.contradicting():
            if first is None:
                assert place is not None
                first, _ = await journal.read_back(self._connection, *place)
            letters.append((received.message, _other_content(received, first)))
        return letters

    async def _journal(self) -> None:
        """Store the messages, their identities, and the places that they name. Before any lock: whoever waits for
        another here holds none."""
        draft = self._draft
        for _, segment, position in draft.targets():
            _, target = await journal.read_back(self._connection, segment, position)
            draft.take_back(target)
        segments = await journal.append(self._connection, draft.segments(journal.MESSAGES_A_SEGMENT))
        draft.place(segments, journal.MESSAGES_A_SEGMENT)
        await identities.remember(self._connection, draft)
        await names.keep(self._connection, draft)

    async def _gather(self) -> None:
        """Bring the events to their subjects, under the subjects' locks."""
        keys = self._draft.subject_keys()
        await locks.take(self._connection, locks.SUBJECTS, [key for kind in keys for key in kind])
        self._draft.load_subjects(await subjects.rows(self._connection, keys, with_serials=True))
        if not self._draft.apply(TOKENS_A_TRANSACTION):
            raise TooWide
        exhausted = self._draft.to_be_restored()
        if len(exhausted) > STATIONS_AT_ONCE:
            raise TooWide
        if exhausted:
            await self._restore(exhausted)

    async def _save_subjects(self) -> None:
        await subjects.save(self._connection, *self._draft.subjects())

    async def _restore(self, stations: Sequence[str]) -> None:
        """Give stations the first activation that is in force in the journal, which has this batch already."""
        reported: dict[bytes, tuple[str, Activation]] = {}
        keys = set(stations)
        async for event in journal.events_of_segments_naming(self._connection, journal.Kind.STATION, keys):
            data = event.data
            if type(data) is StationActivated and data.station_serial in keys:
                activation = Activation(data.activated_at, event.source, event.id)
                reported[event.identity] = data.station_serial, activation
        known = await journal.probe(self._connection, list(reported))
        in_force: dict[str, list[Activation]] = {key: [] for key in keys}
        for identity, (key, activation) in reported.items():
            if known[identity].retracted is None and not self._draft.is_taken_back(identity):
                in_force[key].append(activation)
        for key in stations:
            self._draft.restore(key, [(each.activated_at, each.source, each.id) for each in in_force[key]])


def _other_content(received: Received, first: Message) -> Invalid:
    event = received.parsed
    assert isinstance(event, Event)
    return Invalid(
        "other_content",
        "/id",
        f"an event with source {event.source!r} and id {event.id!r} but other content was recorded first, from topic "
        f"{first.topic}, partition {first.partition}, offset {first.offset}; it stands. Send a correction under an id "
        "of its own",
        event.source,
        event.id,
    )
