"""All that was ever said, found by what it is about; and rule 1: which of it is in force."""

import math
from collections import defaultdict
from collections.abc import Iterable
from typing import TypeVar

from tests.reference.facts import (
    Activated,
    Applied,
    Fact,
    Json,
    OrderVersion,
    Retraction,
    Returned,
    ShipmentVersion,
    Transferred,
    Unapplied,
    distinct,
    facts_of,
)

AnyFact = TypeVar("AnyFact", bound=Fact)
Version = TypeVar("Version", OrderVersion, ShipmentVersion)

LineKey = tuple[str, str]
"""A sales order and the line in it."""

EVER = math.inf
"""As a moment: with all that is known."""


class Known:
    """The whole set of events, retracted ones included, found by subject.

    Rule 1 is asked of it with a moment: `EVER`, or an instant; documents and retractions whose envelope's
    time is after it are left aside then (which rule 8 asks for).
    """

    def __init__(self, events: Iterable[Json]) -> None:
        self.order_versions: dict[LineKey, list[OrderVersion]] = defaultdict(list)
        self.shipment_versions: dict[str, list[ShipmentVersion]] = defaultdict(list)
        self.retracted_at: dict[tuple[str, str], int] = {}
        self.lines_naming: dict[str, set[LineKey]] = defaultdict(set)
        self.shipments_naming: dict[str, set[str]] = defaultdict(set)
        self.returns: dict[str, list[Returned]] = defaultdict(list)
        self.moves: dict[str, list[Applied | Unapplied]] = defaultdict(list)
        self.transfers: dict[str, list[Transferred]] = defaultdict(list)
        self.activations_naming: dict[str, list[Activated]] = defaultdict(list)
        self.activations_of: dict[str, list[Activated]] = defaultdict(list)
        for event in distinct(events):
            for fact in facts_of(event):
                self._keep(fact)

    def _keep(self, fact: Fact) -> None:
        match fact:
            case OrderVersion():
                self.order_versions[fact.sales_order, fact.line].append(fact)
                for serial in fact.serials:
                    self.lines_naming[serial].add((fact.sales_order, fact.line))
            case ShipmentVersion():
                self.shipment_versions[fact.shipment].append(fact)
                for serial in fact.line_of:
                    self.shipments_naming[serial].add(fact.shipment)
            case Returned():
                for serial in fact.serials:
                    self.returns[serial].append(fact)
            case Applied() | Unapplied():
                self.moves[fact.serial].append(fact)
            case Transferred():
                for serial in fact.serials:
                    self.transfers[serial].append(fact)
            case Activated():
                self.activations_of[fact.station].append(fact)
                if fact.serial is not None:
                    self.activations_naming[fact.serial].append(fact)
            case Retraction():
                # A retraction that is itself a target stays: `stands` is never asked about one.
                target = (fact.target_source, fact.target_id)
                self.retracted_at[target] = min(fact.time, self.retracted_at.get(target, fact.time))

    def serials(self) -> list[str]:
        """Every serial that any event ever named, retracted and replaced ones included."""
        return sorted(
            {*self.lines_naming, *self.shipments_naming, *self.returns, *self.moves}
            | {*self.transfers, *self.activations_naming}
        )

    def stands(self, fact: Fact, moment: float = EVER) -> bool:
        """Whether the event of the fact has not been taken back."""
        retracted_at = self.retracted_at.get((fact.source, fact.id))
        return retracted_at is None or retracted_at > moment

    def standing(self, facts: Iterable[AnyFact]) -> list[AnyFact]:
        """Those of the facts whose events have not been taken back."""
        return [fact for fact in facts if self.stands(fact)]

    def line_in_force(self, key: LineKey, moment: float = EVER) -> OrderVersion | None:
        """The version of an order line that replaces all others."""
        return self._last(self.order_versions.get(key, []), moment)

    def shipment_in_force(self, shipment: str, moment: float = EVER) -> ShipmentVersion | None:
        """The version of a shipment that replaces all others."""
        return self._last(self.shipment_versions.get(shipment, []), moment)

    def _last(self, versions: Iterable[Version], moment: float) -> Version | None:
        return max(
            (version for version in versions if version.time <= moment and self.stands(version, moment)),
            key=lambda version: (version.revision, version.time, version.source, version.id),
            default=None,
        )
