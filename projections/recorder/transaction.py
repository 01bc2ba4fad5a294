"""One batch, one transaction. Read from top to bottom: the order of the steps is why it is right."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from lifecycle.calendar import Calendar
from lifecycle.facts import Activation
from lifecycle.recording import Batch, Recorded
from lifecycle.subjects import Station
from lifecycle.workspace import Workspace, subject_keys
from projections.recorder import announcements, dead_letters, journal, locks, offsets, order_lines, subjects
from projections.recorder.failures import TooWide
from projections.recorder.intake import Intake, take_in
from projections.recorder.refolding import Refolding
from schemas.events import EventRetracted, OrderPlaced, OrderShipped, StationActivated

TOKENS_A_TRANSACTION = 200_000
# So many are restored by one reading of the journal, which takes its time, and the memory of their years of boots.
STATIONS_AT_ONCE = 32


class Transaction:
    """Carries one batch from its messages to the rows."""

    def __init__(
        self, connection: Any, calendar: Calendar, clock: Callable[[], int], fold_version: int
    ) -> None:
        self._connection = connection
        self._workspace = Workspace()
        self._refolding = Refolding(connection, self._workspace, calendar, clock, fold_version)

    async def record(self, batch: Batch) -> Recorded:
        """Record the batch, all of it or nothing."""
        async with self._connection.transaction():
            await offsets.advance(self._connection, batch.advances)
            intake = await take_in(self._connection, batch.received)
            if intake.fresh:
                positions = await journal.append(self._connection, [received for received, _ in intake.fresh])
                await self._gather(intake)
                await self._refolding.fold(
                    list(self._workspace.changes),
                    meanwhile=(
                        partial(intake.remember, self._connection, positions),
                        partial(subjects.save, self._connection, self._workspace),
                        partial(order_lines.save, self._connection, self._workspace, intake.events),
                    ),
                )
                await announcements.store(self._connection, self._refolding.announced)
            if intake.refused:
                await dead_letters.bury(self._connection, intake.refused)
        dead_letters.tell(intake.refused)
        return Recorded(
            len(intake.fresh),
            intake.repeats,
            len(intake.refused),
            self._refolding.tokens_written,
            len(self._refolding.announced),
        )

    async def _gather(self, intake: Intake) -> None:
        """Bring the events to their subjects, under the subjects' locks."""
        events = list(intake.events.values())
        targets = [target for target, _ in intake.taken_back.values()]
        keys = subject_keys([*events, *targets])
        await locks.take(self._connection, locks.SUBJECTS, [*keys.lines, *keys.shipments, *keys.stations])
        await subjects.load(self._connection, self._workspace, keys, with_serials=True)
        self._workspace.add_missing(keys)
        for event in events:
            self._workspace.apply(event, intake.retracted.get(event.identity))
            if len(self._workspace.changes) > TOKENS_A_TRANSACTION and len(events) > 1:
                raise TooWide
            if type(event.data) is EventRetracted:
                identity = intake.target_of(event)
                if identity in intake.taken_back:
                    target, _ = intake.taken_back[identity]
                    self._workspace.retract(target, event.time, event)
                elif identity in intake.events and type(intake.events[identity].data) in (
                    OrderPlaced,
                    OrderShipped,
                ):
                    self._workspace.retract(intake.events[identity], event.time, event)
        exhausted = [each for each in self._workspace.stations.values() if each.is_to_be_restored]
        if len(exhausted) > STATIONS_AT_ONCE:
            raise TooWide
        if exhausted:
            await self._restore(exhausted, intake)

    async def _restore(self, stations: Sequence[Station], intake: Intake) -> None:
        """Give stations the first activation that is in force in the journal, which has this batch already."""
        reported: dict[bytes, tuple[str, Activation]] = {}
        keys = {station.key for station in stations}
        async for event in journal.events_of_segments_naming(self._connection, journal.Kind.STATION, keys):
            data = event.data
            if type(data) is StationActivated and data.station_serial in keys:
                activation = Activation(data.activated_at, event.source, event.id)
                reported[event.identity] = data.station_serial, activation
        known = await journal.probe(self._connection, list(reported))
        taken_back = {identity for identity, each in known.items() if each.retracted is not None}
        in_force: dict[str, list[Activation]] = {key: [] for key in keys}
        for identity, (key, activation) in reported.items():
            if not (identity in taken_back or identity in intake.retracted or identity in intake.taken_back):
                in_force[key].append(activation)
        for station in stations:
            station.restore(in_force[station.key])
