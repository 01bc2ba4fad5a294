"""Which order line is a token's, and when it shipped: the documents in force that name it."""

from collections.abc import Mapping

import msgspec

from lifecycle.facts import OrderVersion, ShipmentVersion, TokenFacts
from lifecycle.subjects import Line, Shipment, version_in_force


class Claims(msgspec.Struct, frozen=True, gc=False):
    """The documents in force that name a token, and the line that they make its own.

    `version` is that line's order version in force; `shipment` the one in force with the earliest ship date.
    """

    line: Line | None
    version: OrderVersion | None
    shipment: ShipmentVersion | None
    lines_claiming: int
    naming_orders: list[OrderVersion]
    naming_shipments: list[ShipmentVersion]

    @property
    def is_in_report(self) -> bool:
        """Whether a shipment, or a line that is not cancelled, names the token."""
        return bool(self.naming_shipments) or any(not naming.cancelled for naming in self.naming_orders)


Naming = tuple[int, str, str]


def claims_of(
    facts: TokenFacts, lines: Mapping[str, Line], shipments: Mapping[str, Shipment], until: int | None = None
) -> Claims:
    """The claims on one token; with `until` (microseconds), by documents and retractions of `time` up to then."""
    latest: dict[str, Naming] = {}
    naming_orders: list[OrderVersion] = []
    naming_shipments: list[ShipmentVersion] = []
    for key, identities in facts.lines.items():
        version = lines[key].in_force if until is None else version_in_force(lines[key].versions, until)
        if version is not None and version.identity in identities:
            naming_orders.append(version)
            latest[key] = (version.time, version.source, version.id)
    shipped: ShipmentVersion | None = None
    for key, listings in facts.shipments.items():
        document = shipments[key]
        shipment = document.in_force if until is None else version_in_force(document.versions, until)
        if shipment is None or shipment.identity not in listings:
            continue
        naming_shipments.append(shipment)
        under = listings[shipment.identity]
        naming = (shipment.time, shipment.source, shipment.id)
        if under not in latest or naming > latest[under]:
            latest[under] = naming
        if shipped is None or _ship_order(shipment) < _ship_order(shipped):
            shipped = shipment
    if not latest:
        return Claims(None, None, shipped, 0, naming_orders, naming_shipments)
    if len(latest) == 1:
        [chosen] = latest
    else:
        chosen = max(latest, key=lambda key: (*_standing(lines[key], until), latest[key]))
    line = lines[chosen]
    version = line.in_force if until is None else version_in_force(line.versions, until)
    return Claims(line, version, shipped, len(latest), naming_orders, naming_shipments)


def _standing(line: Line, until: int | None) -> tuple[bool, bool]:
    """Lines that are not cancelled go first, then those with an order version in force."""
    version = line.in_force if until is None else version_in_force(line.versions, until)
    return version is None or not version.cancelled, version is not None


def _ship_order(version: ShipmentVersion) -> tuple[int, int, str, str]:
    return version.ship_date, version.time, version.source, version.id
