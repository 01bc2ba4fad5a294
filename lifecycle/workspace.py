"""Takes events to their subjects, and says which tokens must be folded again.

A workspace holds the subjects that a set of events touches, in memory. It does not care where they came from:
the recorder fills it from Postgres under its locks, the replay from nothing.

Events are told apart by `type(...) is`: pydantic's models are abstract base classes, whose `isinstance` costs
more than the work that follows it.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from lifecycle.facts import (
    Activated,
    Activation,
    Applied,
    OrderVersion,
    OwnFact,
    Returned,
    ShipmentVersion,
    TokenFacts,
    Transferred,
    Unapplied,
    in_own_order,
)
from lifecycle.subjects import Line, Shipment, Station, line_key
from schemas.envelope import Event
from schemas.events import (
    EventRetracted,
    OrderPlaced,
    OrderPlacedLine,
    OrderShipped,
    StationActivated,
    TokenApplied,
    TokenReturned,
    TokenTransferred,
    TokenUnapplied,
)


class Listed(msgspec.Struct, frozen=True, gc=False):
    """An order version lists the token."""

    line: str
    identity: bytes


class Delivered(msgspec.Struct, frozen=True, gc=False):
    """A shipment version lists the token, under a line."""

    shipment: str
    identity: bytes
    line: str


class Dropped(msgspec.Struct, frozen=True, gc=False):
    """A fact of the token's own was taken back."""

    source: str
    id: str


Change = Listed | Delivered | Dropped | OwnFact


class SubjectKeys(NamedTuple):
    """The subjects at which events meet before they reach tokens."""

    lines: set[str]
    shipments: set[str]
    stations: set[str]


def subject_keys(events: Iterable[Event]) -> SubjectKeys:
    """The subjects that a set of events touches."""
    keys = SubjectKeys(set(), set(), set())
    for event in events:
        data: Any = event.data
        kind = type(data)
        if kind is StationActivated or kind is TokenApplied:  # first, since most are
            keys.stations.add(data.station_serial)
        elif kind is OrderPlaced:
            keys.lines.update(line_key(data.sales_order, line.line) for line in data.lines)
        elif kind is OrderShipped:
            keys.shipments.add(data.shipment)
            keys.lines.update(line_key(line.sales_order, line.line) for line in data.lines)
    return keys


class Workspace:
    """Subjects in memory, and what a set of events changes in tokens.

    `changes` holds for each token touched what to do with its facts (possibly nothing), `causes` the last
    event that touched it, in the order of the calls.
    """

    def __init__(self) -> None:
        self.lines: dict[str, Line] = {}
        self.shipments: dict[str, Shipment] = {}
        self.stations: dict[str, Station] = {}
        self.changes: dict[str, list[Change]] = {}
        self.causes: dict[str, Event] = {}

    def add_missing(self, keys: SubjectKeys) -> None:
        """Begin an empty subject for each key that has none."""
        for key in keys.lines:
            if key not in self.lines:
                self.lines[key] = Line(key, [])
        for key in keys.shipments:
            if key not in self.shipments:
                self.shipments[key] = Shipment(key, [])
        for key in keys.stations:
            if key not in self.stations:
                self.stations[key] = Station(key, None)

    def apply(self, event: Event, retracted: int | None = None) -> None:
        """Take one event in; `retracted` is the earliest `time` of its retractions where there are any."""
        data: Any = event.data
        kind = type(data)
        if kind is StationActivated:
            if retracted is None:
                self._activation(event, data)
        elif kind is OrderPlaced:
            for line in data.lines:
                self._order_line(event, data, line, retracted)
        elif kind is OrderShipped:
            self._shipment(event, data, retracted)
        elif retracted is None and kind is not EventRetracted:
            self._own(event, data)

    def retract(self, target: Event, time: int, cause: Event) -> None:
        """Take back an event that was applied before; `cause` is the retraction, `time` its envelope's."""
        data: Any = target.data
        if type(data) is OrderPlaced:
            for line in data.lines:
                subject = self.lines[line_key(data.sales_order, line.line)]
                subject.retract(target.identity, time)
                self._touch(subject.serials, cause)
        elif type(data) is OrderShipped:
            shipment = self.shipments[data.shipment]
            shipment.retract(target.identity, time)
            self._touch(shipment.serials, cause)
        elif type(data) is not EventRetracted:
            if type(data) is StationActivated:
                station = self.stations[data.station_serial]
                if station.retract(target.source, target.id):
                    self._touch(station.serials, cause)
            for serial in serials_of(data):
                self._change(serial, Dropped(target.source, target.id), cause)

    def _change(self, serial: str, change: Change, cause: Event) -> None:
        self.causes[serial] = cause
        if serial in self.changes:
            self.changes[serial].append(change)
        else:
            self.changes[serial] = [change]

    def _touch(self, serials: Iterable[str], cause: Event) -> None:
        for serial in serials:
            self.causes[serial] = cause
            if serial not in self.changes:
                self.changes[serial] = []

    def _order_line(
        self, event: Event, data: OrderPlaced, line: OrderPlacedLine, retracted: int | None
    ) -> None:
        key = line_key(data.sales_order, line.line)
        subject = self.lines[key]
        self._touch(subject.serials, event)
        subject.add(
            OrderVersion(
                event.identity,
                data.revision or 0,
                event.time,
                event.source,
                event.id,
                retracted,
                line.cancelled,
                data.order_date.toordinal(),
                data.org_id,
                data.org_name,
                data.customer_id,
                data.customer_name,
                data.purchase_order,
                data.customer_reference,
                line.part_number,
                line.cloud_plan,
                line.description,
                line.term_years,
                line.token_type,
            )
        )
        subject.tie(line.token_serials)
        listed = Listed(key, event.identity)
        for serial in line.token_serials:
            self._change(serial, listed, event)

    def _shipment(self, event: Event, data: OrderShipped, retracted: int | None) -> None:
        shipment = self.shipments[data.shipment]
        self._touch(shipment.serials, event)
        shipment.add(
            ShipmentVersion(
                event.identity,
                data.revision or 0,
                event.time,
                event.source,
                event.id,
                retracted,
                data.ship_date.toordinal(),
            )
        )
        for line in data.lines:
            key = line_key(line.sales_order, line.line)
            shipment.tie(line.token_serials)
            self.lines[key].tie(line.token_serials)
            delivered = Delivered(data.shipment, event.identity, key)
            for serial in line.token_serials:
                self._change(serial, delivered, event)

    def _activation(self, event: Event, data: StationActivated) -> None:
        station = self.stations[data.station_serial]
        # Stations report at every boot: nearly always they are known to have started before.
        is_early = station.first is None or data.activated_at <= station.first.activated_at
        if is_early and station.activate(Activation(data.activated_at, event.source, event.id)):
            self._touch(station.serials, event)
        if data.token_serial is not None:
            fact = Activated(data.activated_at, event.time, event.source, event.id, data.station_serial)
            self._change(data.token_serial, fact, event)

    def _own(self, event: Event, data: Any) -> None:
        time, source, event_id = event.time, event.source, event.id
        if type(data) is TokenApplied:
            self.stations[data.station_serial].tie((data.token_serial,))
            fact: OwnFact = Applied(
                data.applied_at,
                time,
                source,
                event_id,
                data.station_serial,
                data.station_name,
                data.evse_id,
                data.starts_at,
            )
        elif type(data) is TokenUnapplied:
            fact = Unapplied(data.unapplied_at, time, source, event_id, data.station_serial)
        elif type(data) is TokenTransferred:
            fact = Transferred(
                data.transferred_at,
                time,
                source,
                event_id,
                data.from_org_id,
                data.to_org_id,
                data.to_org_name,
            )
        else:
            assert type(data) is TokenReturned
            fact = Returned(data.returned_at, time, source, event_id, data.reason)
        for serial in serials_of(data):
            self._change(serial, fact, event)


def serials_of(data: Any) -> tuple[str, ...]:
    """The tokens that an event about tokens or stations names."""
    if type(data) in (TokenApplied, TokenUnapplied):
        return (data.token_serial,)
    if type(data) in (TokenReturned, TokenTransferred):
        return tuple(data.token_serials)
    if type(data) is StationActivated and data.token_serial is not None:
        return (data.token_serial,)
    return ()


def changed(facts: TokenFacts, changes: Iterable[Change]) -> bool:
    """Carry changes out on a token's facts, in place; True where any of them changed something.

    Facts are kept in own order and identities sorted, so that equal sets pack to equal bytes.
    """
    anything = False
    for change in changes:
        anything = True
        if isinstance(change, Listed):
            identities = facts.lines.setdefault(change.line, [])
            identities.append(change.identity)
            identities.sort()
        elif isinstance(change, Delivered):
            facts.shipments.setdefault(change.shipment, {})[change.identity] = change.line
        elif isinstance(change, Dropped):
            taken_back = (change.source, change.id)
            facts.own = [fact for fact in facts.own if (fact.source, fact.id) != taken_back]
        else:
            facts.own.append(change)
            if len(facts.own) > 1:
                facts.own.sort(key=in_own_order)
    return anything


def subjects_needed(facts: TokenFacts, lines: set[str], shipments: set[str], stations: set[str]) -> None:
    """Add the keys of the subjects that a fold of these facts looks at."""
    lines.update(facts.lines)
    for shipment, listings in facts.shipments.items():
        shipments.add(shipment)
        lines.update(listings.values())
    for fact in facts.own:
        if isinstance(fact, Applied):
            stations.add(fact.station_serial)
