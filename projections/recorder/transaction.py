"""One batch, one transaction. Read from top to bottom: the order of the steps is why it is right."""

import asyncio
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any

from lifecycle.calendar import Calendar
from lifecycle.facts import Activation, TokenFacts, pack, unpack_token
from lifecycle.fold import fold
from lifecycle.recording import Batch, Recorded
from lifecycle.workspace import SubjectKeys, Workspace, changed, subject_keys, subjects_needed
from projections.recorder import announcements, dead_letters, journal, locks, offsets, subjects, tokens
from projections.recorder.announcements import Announcement
from projections.recorder.failures import TooWide
from projections.recorder.intake import Intake, take_in
from schemas.events import EventRetracted, OrderPlaced, OrderShipped, StationActivated

TOKENS_AT_ONCE = 5_000
TOKENS_A_TRANSACTION = 200_000
FOLDS_BETWEEN_YIELDS = 500


class Transaction:
    """Carries one batch from its messages to the rows."""

    def __init__(
        self, connection: Any, calendar: Calendar, clock: Callable[[], int], fold_version: int
    ) -> None:
        self._connection = connection
        self._calendar = calendar
        self._clock = clock
        self._fold_version = fold_version
        self._workspace = Workspace()
        self._announced: list[Announcement] = []
        self._tokens_written = 0

    async def record(self, batch: Batch) -> Recorded:
        """Record the batch, all of it or nothing."""
        async with self._connection.transaction():
            await offsets.advance(self._connection, batch.advances)
            intake = await take_in(self._connection, batch.received)
            if intake.fresh:
                positions = await journal.append(self._connection, [received for received, _ in intake.fresh])
                await self._gather(intake)
                await self._fold_touched()
                await subjects.save(self._connection, self._workspace)
                await intake.remember(self._connection, positions)
                await announcements.store(self._connection, self._announced)
            if intake.refused:
                await dead_letters.bury(self._connection, intake.refused)
        return Recorded(
            len(intake.fresh), intake.repeats, len(intake.refused), self._tokens_written, len(self._announced)
        )

    async def _gather(self, intake: Intake) -> None:
        """Bring the events to their subjects, under the subjects' locks."""
        events = [event for _, event in intake.fresh]
        targets = [target for target, _ in intake.taken_back.values()]
        keys = subject_keys([*events, *targets])
        await locks.take(self._connection, locks.SUBJECTS, [*keys.lines, *keys.shipments, *keys.stations])
        await subjects.load(self._connection, self._workspace, keys, with_serials=True)
        self._workspace.add_missing(keys)
        fresh = {event.identity: event for event in events}
        for event in events:
            self._workspace.apply(event, intake.retracted.get(event.identity))
            if len(self._workspace.changes) > TOKENS_A_TRANSACTION and len(events) > 1:
                raise TooWide
            if type(event.data) is EventRetracted:
                identity = intake.target_of(event)
                if identity in intake.taken_back:
                    target, _ = intake.taken_back[identity]
                    self._workspace.retract(target, event.time, event)
                elif identity in fresh and type(fresh[identity].data) in (OrderPlaced, OrderShipped):
                    self._workspace.retract(fresh[identity], event.time, event)
        for station in self._workspace.stations.values():
            if station.is_exhausted:
                station.restore(await self._activations_of(station.key, intake))

    async def _activations_of(self, station_serial: str, intake: Intake) -> list[Activation]:
        """Every activation of a station that is in force, from the journal; this batch is in it already."""
        named: dict[bytes, Activation] = {}
        async for event in journal.events_of_segments_naming(
            self._connection, journal.Kind.STATION, station_serial
        ):
            data = event.data
            if type(data) is StationActivated and data.station_serial == station_serial:
                named[event.identity] = Activation(data.activated_at, event.source, event.id)
        known = await journal.probe(self._connection, list(named))
        retracted = {identity for identity, each in known.items() if each.retracted is not None}
        retracted.update(intake.retracted)
        retracted.update(intake.taken_back)
        return [activation for identity, activation in named.items() if identity not in retracted]

    async def _fold_touched(self) -> None:
        """Fold every token touched, under the tokens' locks, some thousands at a time."""
        touched = sorted(self._workspace.changes)
        await locks.take(self._connection, locks.TOKENS, touched)
        remaining = iter(touched)
        while chunk := list(islice(remaining, TOKENS_AT_ONCE)):
            await self._fold(chunk)

    async def _fold(self, serials: Sequence[str]) -> None:
        workspace, calendar = self._workspace, self._calendar
        stored = await tokens.load(self._connection, serials)
        packed: dict[str, bytes] = {}
        folded: dict[str, TokenFacts] = {}
        needed = SubjectKeys(set(), set(), set())
        for serial in serials:
            before = stored.get(serial)
            facts = TokenFacts([], {}, {}) if before is None else unpack_token(before.facts)
            is_changed = changed(facts, workspace.changes[serial])
            packed[serial] = pack(facts) if is_changed or before is None else before.facts
            folded[serial] = facts
            subjects_needed(facts, needed.lines, needed.shipments, needed.stations)
        await subjects.load(self._connection, workspace, needed, with_serials=False)
        workspace.add_missing(needed)
        writes = tokens.Writes()
        now = self._clock()
        for count, serial in enumerate(serials):
            if count % FOLDS_BETWEEN_YIELDS == FOLDS_BETWEEN_YIELDS - 1:
                await asyncio.sleep(0)
            before = stored.get(serial)
            history = fold(folded[serial], workspace.lines, workspace.shipments, workspace.stations, calendar)
            announced, announcement = announcements.announcement(
                serial,
                history,
                None if before is None else before.announced,
                0 if before is None else before.sequence,
                workspace.causes[serial],
                now,
            )
            sequence = 0 if before is None else before.sequence
            if announcement is not None:
                self._announced.append(announcement)
                sequence = announcement.sequence
            self._tokens_written += writes.add(
                serial,
                tokens.rows_of(serial, history),
                before,
                announced,
                sequence,
                self._fold_version,
                packed[serial],
            )
        await writes.write(self._connection)
