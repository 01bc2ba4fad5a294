"""What it means that an event is about a token, an order, a shipment, a station, or has a source and id."""

from dataclasses import dataclass, field
from typing import Any, Protocol

from lifecycle.subjects import line_key
from lifecycle.workspace import serials_of
from projections.recorder.journal import Kind, subject_mark
from schemas.envelope import Event
from schemas.events import (
    OrderPlaced,
    OrderShipped,
    StationActivated,
    TokenApplied,
    TokenUnapplied,
)


class Naming(Protocol):
    """A condition on events, and the marks of the segments in which such can be (None: in any)."""

    def names(self, event: Event) -> bool:
        """Whether the event is one."""

    def marks(self) -> list[int] | None:
        """Of which a segment has one at least."""


@dataclass(frozen=True)
class NamesToken:
    """What a token's row depends on: what names it, and what names the subjects that it is tied to."""

    serial: str
    lines: set[str] = field(default_factory=set)
    shipments: set[str] = field(default_factory=set)
    stations: set[str] = field(default_factory=set)

    def tie(self, event: Event) -> None:
        """Note the subjects to which an event that names the token ties it."""
        data: Any = event.data
        if type(data) is OrderPlaced:
            for line in data.lines:
                if self.serial in line.token_serials:
                    self.lines.add(line_key(data.sales_order, line.line))
        elif type(data) is OrderShipped:
            for shipped in data.lines:
                if self.serial in shipped.token_serials:
                    self.shipments.add(data.shipment)
                    self.lines.add(line_key(shipped.sales_order, shipped.line))
        elif type(data) is TokenApplied and data.token_serial == self.serial:
            self.stations.add(data.station_serial)

    def names(self, event: Event) -> bool:
        data: Any = event.data
        if type(data) is OrderPlaced:
            return any(
                self.serial in line.token_serials or line_key(data.sales_order, line.line) in self.lines
                for line in data.lines
            )
        if type(data) is OrderShipped:
            return data.shipment in self.shipments or any(
                self.serial in line.token_serials for line in data.lines
            )
        if type(data) is StationActivated and data.station_serial in self.stations:
            return True
        return self.serial in serials_of(data)

    def marks(self) -> list[int]:
        return [
            subject_mark(Kind.TOKEN, self.serial),
            *(subject_mark(Kind.LINE, key) for key in self.lines),
            *(subject_mark(Kind.SHIPMENT, key) for key in self.shipments),
            *(subject_mark(Kind.STATION, key) for key in self.stations),
        ]


@dataclass(frozen=True)
class NamesOrder:
    """Orders placed under a number, and shipments of its lines; `line` alone, where it is given.

    `lines` are the keys of those that are known.
    """

    sales_order: str
    line: str | None
    lines: set[str]

    def names(self, event: Event) -> bool:
        data: Any = event.data
        if type(data) is OrderPlaced:
            return data.sales_order == self.sales_order and any(self._is(line.line) for line in data.lines)
        if type(data) is OrderShipped:
            return any(line.sales_order == self.sales_order and self._is(line.line) for line in data.lines)
        return False

    def marks(self) -> list[int]:
        return [subject_mark(Kind.LINE, key) for key in self.lines]

    def _is(self, line: str) -> bool:
        return self.line is None or line == self.line


@dataclass(frozen=True)
class NamesShipment:
    """The versions of one shipment."""

    shipment: str

    def names(self, event: Event) -> bool:
        return type(event.data) is OrderShipped and event.data.shipment == self.shipment

    def marks(self) -> list[int]:
        return [subject_mark(Kind.SHIPMENT, self.shipment)]


@dataclass(frozen=True)
class NamesStation:
    """Activations of a station, applications to it, and un-applications that name it."""

    station_serial: str

    def names(self, event: Event) -> bool:
        data: Any = event.data
        is_about_stations = type(data) in (StationActivated, TokenApplied, TokenUnapplied)
        return is_about_stations and data.station_serial == self.station_serial

    def marks(self) -> None:
        """None: un-applications leave no mark of the station that they name."""


@dataclass(frozen=True)
class IsFrom:
    """Events of a source, or with an id, or both."""

    source: str | None
    id: str | None

    def names(self, event: Event) -> bool:
        return self.source in (None, event.source) and self.id in (None, event.id)

    def marks(self) -> None:
        """None: segments are not marked by source and id."""
