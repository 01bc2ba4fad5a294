"""How facts are named in sentences."""

from datetime import date
from typing import NamedTuple

from lifecycle.facts import (
    Activated,
    Activation,
    Applied,
    OrderVersion,
    OwnFact,
    ShipmentVersion,
    Transferred,
    Unapplied,
)
from schemas.instants import format_instant

instant = format_instant


class Cited(NamedTuple):
    """A fact: the `source` and `id` of the event that says it, and what it says, in a few words."""

    source: str
    id: str
    says: str


class Because(NamedTuple):
    """A sentence, and the facts that it rests on, the one that decided first."""

    sentence: str
    facts: tuple[Cited, ...]


def line_name(key: str) -> str:
    """An order line, from its key."""
    sales_order, _, line = key.partition("\x1f")
    return f"line {line} of {sales_order}"


def day(ordinal: int) -> str:
    """A date as `YYYY-MM-DD`."""
    return date.fromordinal(ordinal).isoformat()


def cite_order(key: str, version: OrderVersion) -> Cited:
    """The version of an order line."""
    cancelled = ", cancelled" if version.cancelled else ""
    said = f"order of {day(version.order_date)}: {line_name(key)}, {_version(version)}{cancelled}"
    return Cited(version.source, version.id, said)


def cite_shipment(key: str, version: ShipmentVersion) -> Cited:
    """The version of a shipment."""
    said = f"shipment {key}, shipped {day(version.ship_date)}, {_version(version)}"
    return Cited(version.source, version.id, said)


def cite_activation(station_serial: str, activation: Activation) -> Cited:
    """A station's first activation."""
    said = f"station {station_serial} activated at {instant(activation.activated_at)}"
    return Cited(activation.source, activation.id, said)


def cite_own(fact: OwnFact) -> Cited:
    """What an event about the token says."""
    at = instant(fact.instant)
    if isinstance(fact, Applied):
        said = f"applied to station {fact.station_serial} at {at}"
        if fact.starts_at is not None:
            said += f", to start no earlier than {instant(fact.starts_at)}"
    elif isinstance(fact, Unapplied):
        station = "its station" if fact.station_serial is None else f"station {fact.station_serial}"
        said = f"taken off {station} at {at}"
    elif isinstance(fact, Activated):
        said = f"station {fact.station_serial} activated with this token at {at}"
    elif isinstance(fact, Transferred):
        said = f"transferred from {fact.from_org_id} to {fact.to_org_id} at {at}"
    else:
        said = f"returned at {at}" + ("" if fact.reason is None else f": {fact.reason}")
    return Cited(fact.source, fact.id, said)


def _version(version: OrderVersion | ShipmentVersion) -> str:
    return f"revision {version.revision} of {instant(version.time)}"
