"""Rule 2: the line of a token, its ship date, and whether it is in the report."""

import datetime
from dataclasses import dataclass

from tests.reference.facts import Fact, OrderVersion, OwnFact, ShipmentVersion
from tests.reference.known import EVER, Known, LineKey


@dataclass(frozen=True)
class Claim:
    """A line that documents in force give a token; `order`: its version in force, serial or not."""

    key: LineKey
    order: OrderVersion | None
    named_by: tuple[Fact, ...]

    @property
    def cancelled(self) -> bool:
        """A line known from shipments alone has not been cancelled."""
        return self.order is not None and self.order.cancelled

    def rank(self) -> tuple[bool, bool, tuple[int, str, str]]:
        latest = max((fact.time, fact.source, fact.id) for fact in self.named_by)
        return (not self.cancelled, self.order is not None, latest)


def orders_listing(known: Known, serial: str, moment: float = EVER) -> list[OrderVersion]:
    """The versions in force of order lines that list the serial, cancelled ones too."""
    versions = (known.line_in_force(key, moment) for key in known.lines_naming.get(serial, ()))
    return [version for version in versions if version is not None and serial in version.serials]


def shipments_listing(known: Known, serial: str, moment: float = EVER) -> list[ShipmentVersion]:
    """The shipments in force that list the serial."""
    versions = (known.shipment_in_force(number, moment) for number in known.shipments_naming.get(serial, ()))
    return [version for version in versions if version is not None and serial in version.line_of]


def claims(known: Known, serial: str, moment: float = EVER) -> list[Claim]:
    """The lines that claim the token, the one whose token it is first."""
    named_by: dict[LineKey, list[Fact]] = {}
    for order in orders_listing(known, serial, moment):
        named_by.setdefault((order.sales_order, order.line), []).append(order)
    for shipment in shipments_listing(known, serial, moment):
        named_by.setdefault(shipment.line_of[serial], []).append(shipment)
    all_claims = [
        Claim(key, known.line_in_force(key, moment), tuple(facts)) for key, facts in named_by.items()
    ]
    return sorted(all_claims, key=Claim.rank, reverse=True)


def ship_date(known: Known, serial: str) -> datetime.date | None:
    """The earliest among the shipments in force that list the token, whatever the line."""
    return min((shipment.ship_date for shipment in shipments_listing(known, serial)), default=None)


def own_facts(known: Known, serial: str) -> list[OwnFact]:
    """All unretracted events about the token: refused transfers and moves without effect included."""
    return [
        *known.standing(known.returns.get(serial, ())),
        *known.standing(known.moves.get(serial, ())),
        *known.standing(known.activations_naming.get(serial, ())),
        *known.standing(known.transfers.get(serial, ())),
    ]


def in_report(known: Known, serial: str) -> bool:
    """Whether some fact in force names the token; a cancelled line alone does not."""
    ordered = any(not order.cancelled for order in orders_listing(known, serial))
    return ordered or bool(shipments_listing(known, serial)) or bool(own_facts(known, serial))
