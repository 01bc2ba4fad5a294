"""What valid events say, one record a fact, with null and "" in an optional field read as absence."""

import dataclasses
import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.reference.instants import date, instant

Json = dict[str, Any]


@dataclass(frozen=True)
class Fact:
    """The event that a fact is from: its source and id, and its envelope's time in microseconds."""

    source: str
    id: str
    time: int


@dataclass(frozen=True)
class OrderVersion(Fact):
    """One line as one order event has it, with the head of that order."""

    sales_order: str
    line: str
    revision: int
    serials: frozenset[str]
    cancelled: bool
    order_date: datetime.date
    org_id: str
    org_name: str
    customer_id: str
    customer_name: str
    purchase_order: str | None
    customer_reference: str | None
    part_number: str
    cloud_plan: str
    description: str | None
    term_years: int
    token_type: str


@dataclass(frozen=True)
class ShipmentVersion(Fact):
    """A shipment as one event has it; `line_of`: the (sales_order, line) under which it lists each serial."""

    shipment: str
    revision: int
    ship_date: datetime.date
    line_of: dict[str, tuple[str, str]] = dataclasses.field(hash=False)


@dataclass(frozen=True)
class Returned(Fact):
    serials: tuple[str, ...]
    at: int


@dataclass(frozen=True)
class Applied(Fact):
    serial: str
    station: str
    station_name: str | None
    evse_id: str | None
    at: int
    starts_at: int | None


@dataclass(frozen=True)
class Unapplied(Fact):
    serial: str
    station: str | None
    at: int


@dataclass(frozen=True)
class Activated(Fact):
    station: str
    serial: str | None
    at: int


@dataclass(frozen=True)
class Transferred(Fact):
    serials: tuple[str, ...]
    from_org: str
    to_org: str
    to_name: str
    at: int


OwnFact = Returned | Applied | Unapplied | Activated | Transferred
"""What an event says about tokens by their serials, `at` an instant."""


@dataclass(frozen=True)
class Retraction(Fact):
    target_source: str
    target_id: str


def distinct(events: Iterable[Json]) -> list[Json]:
    """The events with every source and id once: of several, the first stands (rule 9)."""
    first: dict[tuple[str, str], Json] = {}
    for event in events:
        first.setdefault((event["source"], event["id"]), event)
    return list(first.values())


def facts_of(event: Json) -> Iterator[Fact]:
    """The facts that a valid structured CloudEvent states: one each, but one a line for an order."""
    head = (event["source"], event["id"], instant(event["time"]))
    data = _present(event["data"])
    match event["type"]:
        case "servicetokens.order.placed.v1":
            for line in data["lines"]:
                yield _order_version(head, data, _present(line))
        case "servicetokens.order.shipped.v1":
            line_of = {
                serial: (line["sales_order"], line["line"])
                for line in data["lines"]
                for serial in line["token_serials"]
            }
            revision = data.get("revision", 0)
            yield ShipmentVersion(*head, data["shipment"], revision, date(data["ship_date"]), line_of)
        case "servicetokens.token.returned.v1":
            yield Returned(*head, tuple(data["token_serials"]), instant(data["returned_at"]))
        case "servicetokens.token.applied.v1":
            yield _applied(head, data)
        case "servicetokens.token.unapplied.v1":
            station = data.get("station_serial")
            yield Unapplied(*head, data["token_serial"], station, instant(data["unapplied_at"]))
        case "servicetokens.station.activated.v1":
            serial = data.get("token_serial")
            yield Activated(*head, data["station_serial"], serial, instant(data["activated_at"]))
        case "servicetokens.token.transferred.v1":
            parties = (data["from_org_id"], data["to_org_id"], data["to_org_name"])
            yield Transferred(*head, tuple(data["token_serials"]), *parties, instant(data["transferred_at"]))
        case "servicetokens.event.retracted.v1":
            yield Retraction(*head, data["event_source"], data["event_id"])
        case unknown:
            raise ValueError(f"no event of this service: {unknown}")


def _present(data: Json) -> Json:
    return {name: value for name, value in data.items() if value is not None and value != ""}


def _order_version(head: tuple[str, str, int], order: Json, line: Json) -> OrderVersion:
    return OrderVersion(
        *head,
        sales_order=order["sales_order"],
        line=line["line"],
        revision=order.get("revision", 0),
        serials=frozenset(line["token_serials"]),
        cancelled=line.get("cancelled", False),
        order_date=date(order["order_date"]),
        org_id=order["org_id"],
        org_name=order["org_name"],
        customer_id=order["customer_id"],
        customer_name=order["customer_name"],
        purchase_order=order.get("purchase_order"),
        customer_reference=order.get("customer_reference"),
        part_number=line["part_number"],
        cloud_plan=line["cloud_plan"],
        description=line.get("description"),
        term_years=line["term_years"],
        token_type=line["token_type"],
    )


def _applied(head: tuple[str, str, int], data: Json) -> Applied:
    starts_at = data.get("starts_at")
    return Applied(
        *head,
        serial=data["token_serial"],
        station=data["station_serial"],
        station_name=data.get("station_name"),
        evse_id=data.get("evse_id"),
        at=instant(data["applied_at"]),
        starts_at=None if starts_at is None else instant(starts_at),
    )
