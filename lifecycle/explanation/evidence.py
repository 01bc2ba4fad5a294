"""All that an explanation looks at: a token's facts, the subjects they name, and what the rules made of them."""

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import NamedTuple

from lifecycle.calendar import Calendar
from lifecycle.claims import claims_of
from lifecycle.explanation.words import Cited, cite_order, cite_own, cite_shipment
from lifecycle.facts import (
    Activated,
    Applied,
    OrderVersion,
    Returned,
    ShipmentVersion,
    TokenFacts,
    Transferred,
    Unapplied,
    in_own_order,
)
from lifecycle.fold import fold
from lifecycle.ownership import Owner, ownership_of
from lifecycle.places import Place, stays_of
from lifecycle.subjects import Line, Shipment, Station


class Naming(NamedTuple):
    """A document in force that names the token. `version` is None where that is a shipment."""

    order: tuple[int, str, str]
    cited: Cited
    version: OrderVersion | None


class Delivery(NamedTuple):
    """A shipment in force that lists the token, and the midnight (microseconds) of its ship date."""

    key: str
    version: ShipmentVersion
    midnight: int

    @property
    def cited(self) -> Cited:
        """The shipment as a fact."""
        return cite_shipment(self.key, self.version)


class TakenOff(NamedTuple):
    """An un-application that had an effect, and the station at which the token was."""

    fact: Unapplied
    station: str


class Evidence:
    """One token's facts, folded, with the steps of the fold that a row does not keep."""

    def __init__(
        self,
        serial: str,
        facts: TokenFacts,
        lines: Mapping[str, Line],
        shipments: Mapping[str, Shipment],
        stations: Mapping[str, Station],
        calendar: Calendar,
    ) -> None:
        self.serial = serial
        self.facts = facts
        self.lines = lines
        self.shipments = shipments
        self.stations = stations
        self.calendar = calendar
        self.own = sorted(facts.own, key=in_own_order)
        self.applications = [fact for fact in self.own if isinstance(fact, Applied)]
        self.activations = [fact for fact in self.own if isinstance(fact, Activated)]
        self.transfers = [fact for fact in self.own if isinstance(fact, Transferred)]
        self.returns = [fact for fact in self.own if isinstance(fact, Returned)]
        self.moves = [fact for fact in self.own if isinstance(fact, (Applied, Unapplied))]
        self.history = fold(facts, lines, shipments, stations, calendar)
        self.claims = claims_of(facts, lines, shipments)
        self.stays = stays_of(self.moves, calendar)
        self.ownership = ownership_of(self.claims.version, self.transfers)

    @cached_property
    def naming(self) -> dict[str, list[Naming]]:
        """Line by line, the documents in force that name the token under it, in own order of `time`."""
        found: dict[str, list[Naming]] = {}
        for key, identities in self.facts.lines.items():
            version = self.lines[key].in_force
            if version is not None and version.identity in identities:
                found.setdefault(key, []).append(Naming(_order(version), cite_order(key, version), version))
        for shipped in self.deliveries:
            under = self.facts.shipments[shipped.key][shipped.version.identity]
            found.setdefault(under, []).append(Naming(_order(shipped.version), shipped.cited, None))
        for namings in found.values():
            namings.sort(key=lambda naming: naming.order)
        return found

    @cached_property
    def deliveries(self) -> list[Delivery]:
        """The shipments in force that list the token."""
        found: list[Delivery] = []
        for key, listings in self.facts.shipments.items():
            version = self.shipments[key].in_force
            if version is not None and version.identity in listings:
                midnight = self.calendar.midnight(date.fromordinal(version.ship_date))
                found.append(Delivery(key, version, midnight))
        return found

    @cached_property
    def shipped(self) -> Delivery | None:
        """The delivery that gives the ship date."""
        return next((each for each in self.deliveries if each.version is self.claims.shipment), None)

    @cached_property
    def line_keys(self) -> list[str]:
        """Every line ever tied to the token."""
        under = (key for listings in self.facts.shipments.values() for key in listings.values())
        return sorted({*self.facts.lines, *under})

    @cached_property
    def station_serials(self) -> set[str]:
        """Every station to which the token is applied by a fact in force."""
        return {fact.station_serial for fact in self.applications}

    @cached_property
    def taken_off(self) -> list[TakenOff]:
        """The un-applications that had an effect, in own order."""
        found: list[TakenOff] = []
        station: str | None = None
        for move in self.moves:
            if isinstance(move, Applied):
                station = move.station_serial
            elif station is not None and move.station_serial in (None, station):
                found.append(TakenOff(move, station))
                station = None
        return found

    @cached_property
    def line_facts(self) -> tuple[Cited, ...]:
        """The order version of the token's line, and the document that names the token, if that is another."""
        if self.claims.line is None:
            return ()
        key, version = self.claims.line.key, self.claims.version
        namings = self.naming[key]
        latest = namings[-1].cited
        if version is None:
            return (latest,)
        lists_it = any(naming.version is version for naming in namings)
        own = cite_order(key, version)
        return (own,) if latest == own or (lists_it and len(self.naming) == 1) else (own, latest)

    @cached_property
    def kept_by(self) -> tuple[Cited, ...]:
        """What puts the token in the report: each alone would."""
        namings = [
            naming.cited
            for each in self.naming.values()
            for naming in each
            if naming.version is None or not naming.version.cancelled
        ]
        return (*namings, *map(cite_own, self.own))

    def place_at(self, at: int) -> Place | None:
        """Where the token is at an instant."""
        reached = [place for instant, place in self.stays.changes if instant <= at]
        return reached[-1] if reached else None

    def owner_at(self, at: int) -> Owner | None:
        """Who owns the token at an instant."""
        owners = self.ownership.owners
        reached = [owner for instant, owner in owners if instant is None or instant <= at]
        return reached[-1]

    def owners_before(self, transfer: Transferred) -> list[Owner]:
        """Who owned the token, one after the other, when a transfer was decided; the last of them then."""
        before: list[Owner] = []
        for _, owner in self.ownership.owners:
            if owner is None:
                continue
            given = owner.given_by
            is_later = isinstance(given, Transferred) and in_own_order(given) >= in_own_order(transfer)
            if before and is_later:
                break
            before.append(owner)
        return before


def _order(version: OrderVersion | ShipmentVersion) -> tuple[int, str, str]:
    return version.time, version.source, version.id
