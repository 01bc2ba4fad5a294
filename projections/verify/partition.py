"""A part of the tokens and a part of the subjects, by the hash of their keys, and what of the events concerns it."""

from collections import defaultdict
from typing import Any, NamedTuple
from zlib import crc32

from lifecycle.facts import TokenFacts
from lifecycle.subjects import line_key
from lifecycle.workspace import SubjectKeys, Workspace, changed, serials_of, subject_keys
from projections.orders.rows import OrderLineRow, ShipmentLineRow, order_line_rows, shipment_line_rows
from schemas.envelope import Event
from schemas.events import (
    EventRetracted,
    OrderPlaced,
    OrderShipped,
    StationActivated,
    TokenApplied,
    TokenReturned,
    TokenTransferred,
)


class Part(NamedTuple):
    """One of so many parts of all keys."""

    number: int
    of: int

    def holds(self, key: str) -> bool:
        """Whether a serial, or a subject's key, lies in this part."""
        return self.of == 1 or crc32(key.encode()) % self.of == self.number

    @staticmethod
    def condition(column: str) -> str:
        """The same in SQL; its parameters are the number of parts and the part."""
        return f"crc32(convert_to({column}, 'UTF8')) % $1 = $2"


class TokensOfPart:
    """The facts of a part's tokens. The subjects that they need are looked for first, then events are applied."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.named: set[str] = set()
        self.needed = SubjectKeys(set(), set(), set())
        self.workspace = Workspace()

    def look(self, event: Event) -> None:
        """Note the subjects that an event ties the part's tokens to, and the tokens that it names."""
        data: Any = event.data
        holds = self.part.holds
        if type(data) in (OrderPlaced, OrderShipped):
            for line in data.lines:
                serials = [serial for serial in line.token_serials if holds(serial)]
                if serials:
                    self.named.update(serials)
                    sales_order = data.sales_order if type(data) is OrderPlaced else line.sales_order
                    self.needed.lines.add(line_key(sales_order, line.line))
                    if type(data) is OrderShipped:
                        self.needed.shipments.add(data.shipment)
            return
        serials = [serial for serial in serials_of(data) if holds(serial)]
        if serials:
            self.named.update(serials)
            if type(data) in (TokenApplied, StationActivated):
                self.needed.stations.add(data.station_serial)

    def begin(self) -> None:
        """All was looked at: from here on, events are applied."""
        self.workspace.add_missing(self.needed)

    def apply(self, event: Event, retracted: int | None) -> None:
        """Take in what of an event concerns the part."""
        data = self._trimmed(event.data)
        if data is not None:
            self.workspace.apply(_with(event, data), retracted)

    def forget_causes(self) -> None:
        """They would hold on to every event."""
        self.workspace.causes.clear()

    def facts(self, serial: str) -> TokenFacts:
        """What the journal says of one token of the part."""
        facts = TokenFacts([], {}, {})
        changed(facts, self.workspace.changes.pop(serial, ()))
        return facts

    def _trimmed(self, data: Any) -> Any | None:
        holds, needed = self.part.holds, self.needed
        if type(data) is OrderPlaced:
            lines = [each for each in data.lines if line_key(data.sales_order, each.line) in needed.lines]
            return _with_lines(data, [self._with_own_serials(line) for line in lines]) if lines else None
        if type(data) is OrderShipped:
            if data.shipment not in needed.shipments:
                return None
            trimmed = [self._with_own_serials(line) for line in data.lines]
            return _with_lines(data, [line for line in trimmed if line.token_serials])
        if type(data) is StationActivated:
            if data.station_serial not in needed.stations:
                return None
            names_another = data.token_serial is not None and not holds(data.token_serial)
            return _changed_copy(data, token_serial=None) if names_another else data
        if type(data) in (TokenReturned, TokenTransferred):
            serials = tuple(filter(holds, data.token_serials))
            return _changed_copy(data, token_serials=serials) if serials else None
        if type(data) is EventRetracted:
            return None
        return data if holds(data.token_serial) else None

    def _with_own_serials(self, line: Any) -> Any:
        return _changed_copy(line, token_serials=tuple(filter(self.part.holds, line.token_serials)))


class SubjectsOfPart:
    """A part's order lines, shipments and stations, with all tokens that are tied to them, whatever their part.

    The workspace may hold others beside. `order_lines` and `shipment_lines` are what the list of order lines is
    read from: by the key of the line or shipment, the rows of each version, by its identity.
    """

    def __init__(self, part: Part) -> None:
        self.part = part
        self.workspace = Workspace()
        self.order_lines: dict[str, dict[bytes, OrderLineRow]] = defaultdict(dict)
        self.shipment_lines: dict[str, dict[bytes, list[ShipmentLineRow]]] = defaultdict(dict)

    def apply(self, event: Event, retracted: int | None) -> None:
        """Take in what of an event concerns the part's subjects."""
        data: Any = event.data
        holds = self.part.holds
        if type(data) is OrderPlaced:
            data = _with_lines(
                data, [each for each in data.lines if holds(line_key(data.sales_order, each.line))]
            )
            if not data.lines:
                return
            for key, row in order_line_rows(_with(event, data)).items():
                self.order_lines[key][event.identity] = row
        elif type(data) is OrderShipped:
            if holds(data.shipment):
                self.shipment_lines[data.shipment][event.identity] = shipment_line_rows(event)
            else:
                data = _with_lines(
                    data, [each for each in data.lines if holds(line_key(each.sales_order, each.line))]
                )
                if not data.lines:
                    return
        elif type(data) not in (TokenApplied, StationActivated) or not holds(data.station_serial):
            return
        trimmed = _with(event, data)
        self.workspace.add_missing(subject_keys([trimmed]))
        self.workspace.apply(trimmed, retracted)

    def forget_changes(self) -> None:
        """What the events changed in tokens is not asked for here."""
        self.workspace.changes.clear()
        self.workspace.causes.clear()


def _with(event: Event, data: Any) -> Event:
    return Event(event.source, event.id, event.type, event.time, data, event.identity, event.content)


def _with_lines(data: Any, lines: list[Any]) -> Any:
    return _changed_copy(data, lines=tuple(lines))


def _changed_copy(model: Any, **fields: Any) -> Any:
    return model.model_copy(update=fields)
