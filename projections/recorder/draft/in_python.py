"""The draft in Python: the twin of `native.compiled.Draft`."""

from collections import deque
from collections.abc import Sequence
from typing import Any

from lifecycle.announcing import Announcement, Expiring
from lifecycle.calendar import Calendar
from lifecycle.due import due_of
from lifecycle.facts import Activation, TokenFacts, pack, unpack_token
from lifecycle.fold import History, fold
from lifecycle.recording import Message, Received
from lifecycle.stages import EXPIRED
from lifecycle.subjects import Line, Shipment, line_key
from lifecycle.workspace import SubjectKeys, Workspace, changed, subject_keys, subjects_needed
from projections.orders.rows import bare_row, order_line, order_line_rows, shipment_line_rows
from projections.recorder import announcements, copying, journal, subjects, tokens
from projections.recorder.draft.intake import Intake, target_of
from projections.recorder.draft.naming import Naming, Seen
from projections.recorder.notices import Notice
from schemas.envelope import Event
from schemas.events import EventRetracted, OrderPlaced, OrderShipped, TokenApplied
from schemas.rules import Invalid

Reading = tuple[str, tokens.Stored | None, TokenFacts, bytes]
"""A token, what was stored of it, and its facts, plain and packed, after the changes."""


class DraftInPython:
    """As `projections.recorder.draft.Draft` says."""

    def __init__(self, calendar: Calendar, seen: Seen, fold_version: int) -> None:
        self._calendar = calendar
        self._seen = seen
        self._naming = Naming(seen)
        self._fold_version = fold_version
        self._intake = Intake(())
        self._positions: list[tuple[int, int]] = []
        self._workspace = Workspace()
        self._needed = SubjectKeys(set(), set(), set())
        self._readings: deque[Reading] = deque()
        self._folded_alike: dict[bytes, tuple[History, tokens.Rows]] = {}
        self._announced: list[Announcement] = []
        self._notices: dict[Notice, Expiring] = {}
        self._recalled: dict[bytes, Event] = {}

    # The journal.

    def take(self, received: Sequence[Received]) -> list[bytes]:
        self._intake = Intake(received)
        return self._intake.identities()

    def know(self, rows: Sequence[Any]) -> None:
        self._intake.know(rows)
        for event in self._intake.events.values():
            if type(event.data) is TokenApplied:
                data = event.data
                self._naming.add_place((data.station_serial, data.station_name, data.evse_id))

    @property
    def events(self) -> int:
        return len(self._intake.fresh)

    @property
    def repeats(self) -> int:
        return self._intake.repeats

    def invalid(self) -> list[tuple[Message, Invalid]]:
        return self._intake.invalid

    def contradicting(self) -> list[tuple[Received, Message | None, tuple[int, int] | None]]:
        return self._intake.contradicting

    def targets(self) -> list[tuple[bytes, int, int]]:
        return self._intake.targets()

    def take_back(self, event: Event) -> None:
        self._intake.taken_back[event.identity] = event

    def is_taken_back(self, identity: bytes) -> bool:
        return identity in self._intake.retracted or identity in self._intake.taken_back

    def segments(self, messages: int) -> list[tuple[int, list[int], bytes]]:
        fresh = self._intake.fresh
        parts = [fresh[start : start + messages] for start in range(0, len(fresh), messages)]
        return [
            (
                len(part),
                journal.subject_marks([event for _, event in part]),
                journal.pack_segment([received.message for received, _ in part]),
            )
            for part in parts
        ]

    def place(self, segments: Sequence[int], messages: int) -> None:
        self._positions = [
            (segments[index // messages], index % messages) for index in range(len(self._intake.fresh))
        ]

    def identities(self) -> tuple[bytes | None, list[tuple[Any, ...]], list[tuple[Any, ...]]]:
        return self._intake.rows(self._positions)

    # The subjects.

    def subject_keys(self) -> tuple[list[str], list[str], list[str]]:
        self._needed = subject_keys([*self._intake.events.values(), *self._intake.taken_back.values()])
        return _names(self._needed)

    def load_subjects(self, rows: Sequence[Any]) -> None:
        subjects.put(self._workspace, rows)
        self._workspace.add_missing(self._needed)

    def apply(self, tokens: int) -> bool:
        intake, workspace = self._intake, self._workspace
        for event in intake.events.values():
            workspace.apply(event, intake.retracted.get(event.identity))
            if len(workspace.changes) > tokens and len(intake.events) > 1:
                return False
            if type(event.data) is not EventRetracted:
                continue
            target = target_of(event)
            if target in intake.taken_back:
                workspace.retract(intake.taken_back[target], event.time, event)
            elif target in intake.events and type(intake.events[target].data) in (OrderPlaced, OrderShipped):
                workspace.retract(intake.events[target], event.time, event)
        return True

    def to_be_restored(self) -> list[str]:
        return [key for key, station in self._workspace.stations.items() if station.is_to_be_restored]

    def restore(self, station: str, activations: Sequence[tuple[int, str, str]]) -> None:
        self._workspace.stations[station].restore(Activation(*each) for each in activations)

    def subjects(self) -> tuple[bytes | None, tuple[list[Any], ...] | None]:
        return subjects.changed_rows(self._workspace)

    def documents_to_read_back(self) -> list[bytes]:
        replaced: list[Line | Shipment] = [
            *(line for line in self._workspace.lines.values() if line.is_replaced),
            *(shipment for shipment in self._workspace.shipments.values() if shipment.is_replaced),
        ]
        in_force = [each.in_force.identity for each in replaced if each.in_force is not None]
        return [identity for identity in in_force if identity not in self._intake.events]

    def read_back(self, event: Event) -> None:
        self._recalled[event.identity] = event

    def documents(self) -> tuple[list[str], bytes | None, list[str], bytes | None, list[str]]:
        lines = sorted((key, line) for key, line in self._workspace.lines.items() if line.is_replaced)
        line_rows = [
            bare_row(key)
            if line.in_force is None
            else order_line_rows(self._document(line.in_force.identity))[key]
            for key, line in lines
        ]
        shipments = sorted(
            (key, shipment) for key, shipment in self._workspace.shipments.items() if shipment.is_replaced
        )
        shipment_rows = [
            row
            for _, shipment in shipments
            if shipment.in_force is not None
            for row in shipment_line_rows(self._document(shipment.in_force.identity))
        ]
        named = {
            line_key(line.sales_order, line.line)
            for event in self._intake.events.values()
            if type(event.data) is OrderShipped
            for line in event.data.lines
        }
        return (
            [order_line(*key.split("\x1f")) for key, _ in lines],
            copying.packed(line_rows, copying.ORDER_LINE),
            [key for key, shipment in shipments if shipment.in_force_before is not None],
            copying.packed(shipment_rows, copying.SHIPMENT_LINE),
            [key for key in named if self._workspace.lines[key].in_force is None],
        )

    # The tokens.

    def touched(self) -> list[str]:
        return sorted(self._workspace.changes)

    def read(self, serials: Sequence[str], rows: Sequence[Any]) -> tuple[list[str], list[str], list[str]]:
        stored = {row[0]: tokens.Stored(*row[1:]) for row in rows}
        # Of tokens that have the same facts and undergo the same changes, as those of a line do, one is worked out.
        alike: dict[tuple[object, ...], tuple[TokenFacts, bytes]] = {}
        self._folded_alike.clear()
        for serial in serials:
            before = stored.get(serial)
            changes = self._workspace.changes.get(serial, ())
            # A document brings all its tokens one and the same change, which lives as long as the workspace.
            key = (None if before is None else before.facts, *map(id, changes))
            known = alike.get(key)
            if known is None:
                facts = TokenFacts([], {}, {}) if before is None else unpack_token(before.facts)
                is_changed = changed(facts, changes)
                packed = pack(facts) if is_changed or before is None else before.facts
                known = alike[key] = facts, packed
            self._readings.append((serial, before, *known))
        needed = SubjectKeys(set(), set(), set())
        for facts, _ in alike.values():
            subjects_needed(facts, needed.lines, needed.shipments, needed.stations)
        workspace = self._workspace
        self._needed = SubjectKeys(
            needed.lines - workspace.lines.keys(),
            needed.shipments - workspace.shipments.keys(),
            needed.stations - workspace.stations.keys(),
        )
        return _names(self._needed)

    def fold(self, tokens: int, now: int) -> tuple[Any, ...] | None:
        if not self._readings:
            return None
        return self._fold(min(tokens, len(self._readings)), now)

    def owners_and_places(self) -> tuple[list[str | None], ...]:
        return self._naming.columns()

    def committed(self) -> None:
        self._seen.add(self._naming)

    def notify(self, notices: Sequence[Notice]) -> None:
        self._announced.extend(self._notices[notice] for notice in notices)

    def announced(self) -> tuple[int, bytes | None]:
        packed = announcements.pack(self._announced) if self._announced else None
        return len(self._announced), packed

    # What these have in common.

    def _document(self, identity: bytes) -> Event:
        return self._intake.events.get(identity) or self._recalled[identity]

    def _fold(self, count: int, now: int) -> tuple[Any, ...]:
        writes = tokens.Writes()
        notices: list[Notice] = []
        for _ in range(count):
            serial, before, facts, packed = self._readings.popleft()
            history, rows = self._folded(serial, facts, packed)
            sequence = 0 if before is None else before.sequence
            announced, said = announcements.status_changed(
                serial,
                history,
                None if before is None else before.announced,
                sequence,
                self._workspace.causes.get(serial),
                now,
            )
            if said is not None:
                self._announced.append(said)
                sequence = said.sequence
            due = due_of(history, now, self._calendar)
            if due.days_left is not None:
                expires_at = history.stages[EXPIRED]
                assert expires_at is not None
                notice = serial, expires_at, due.days_left
                self._notices[notice] = announcements.expiring(
                    serial, history, expires_at, due.days_left, now
                )
                notices.append(notice)
            kept = tokens.Kept(announced, sequence, due.next_at, self._fold_version, packed)
            writes.add(serial, rows, before, kept, now)
            self._naming.add(history)
        return (*writes.content(), notices)

    def _folded(self, serial: str, facts: TokenFacts, packed: bytes) -> tuple[History, tokens.Rows]:
        """A token's history and rows. Only facts of its own give it spans: without any, equal facts make equal rows."""
        folded = self._folded_alike.get(packed)
        if folded is None:
            workspace = self._workspace
            history = fold(facts, workspace.lines, workspace.shipments, workspace.stations, self._calendar)
            folded = history, tokens.rows_of(serial, history)
            if not facts.own:
                self._folded_alike[packed] = folded
        return folded


def _names(keys: SubjectKeys) -> tuple[list[str], list[str], list[str]]:
    return list(keys.lines), list(keys.shipments), list(keys.stations)
