"""Builders of structured CloudEvents, with sensible defaults: what every test begins from.

Each returns a new dict, ready for `json.dumps` (or `encoded`). Ids count up and sort as texts in the order
in which the events were built, so that of two from one source the one built later is the last in own order
at equal instants. Instants are RFC 3339 texts, dates `YYYY-MM-DD`. An optional field that is None is left
out. Where `time` is not given, the envelope's time is the instant of the event itself, or 17:00 UTC (a
morning in Los Angeles) on the document's date.
"""

# ruff: noqa: A002 - `id` is what CloudEvents call it

import copy
import itertools
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Json = dict[str, Any]

ORDER_PLACED = "servicetokens.order.placed.v1"
ORDER_SHIPPED = "servicetokens.order.shipped.v1"
TOKEN_RETURNED = "servicetokens.token.returned.v1"
TOKEN_APPLIED = "servicetokens.token.applied.v1"
TOKEN_UNAPPLIED = "servicetokens.token.unapplied.v1"
STATION_ACTIVATED = "servicetokens.station.activated.v1"
TOKEN_TRANSFERRED = "servicetokens.token.transferred.v1"
EVENT_RETRACTED = "servicetokens.event.retracted.v1"

ERP = "urn:test:erp"
PORTAL = "urn:test:portal"
FIRMWARE = "urn:test:firmware"

_numbers = itertools.count(1)


def event(
    type_: str, data: Mapping[str, Any], *, time: str, source: str = ERP, id: str | None = None
) -> Json:
    """A structured CloudEvent of the full type name `type_`; fields of `data` that are None are left out."""
    return {
        "specversion": "1.0",
        "id": id if id is not None else f"e{next(_numbers):07d}",
        "source": source,
        "type": type_,
        "time": time,
        "datacontenttype": "application/json",
        "data": {name: value for name, value in data.items() if value is not None},
    }


def order_line(
    serials: Sequence[str] = ("T1",),
    *,
    line: str = "1",
    part_number: str = "CPCLD-1",
    cloud_plan: str = "Commercial",
    description: str | None = "Commercial plan, prepaid",
    term_years: int = 1,
    token_type: str = "Prepaid",
    quantity: int | None = None,
    cancelled: bool | None = None,
) -> Json:
    """One line of an order, for `order(lines=[...])`."""
    fields = {
        "line": line,
        "part_number": part_number,
        "cloud_plan": cloud_plan,
        "description": description,
        "term_years": term_years,
        "token_type": token_type,
        "quantity": quantity,
        "cancelled": cancelled,
        "token_serials": list(serials),
    }
    return {name: value for name, value in fields.items() if value is not None}


def order(
    serials: Sequence[str] = ("T1",),
    *,
    sales_order: str = "SO-1",
    lines: Iterable[Json] | None = None,
    order_date: str = "2026-01-10",
    revision: int | None = None,
    purchase_order: str | None = "PO-1",
    customer_reference: str | None = "Garage",
    customer_id: str = "C-1",
    customer_name: str = "Customer 1",
    org_id: str = "ORG-1",
    org_name: str = "Organization 1",
    time: str | None = None,
    source: str = ERP,
    id: str | None = None,
) -> Json:
    """An order placed: of the given `lines`, else of one line "1" that lists `serials`."""
    data = {
        "sales_order": sales_order,
        "revision": revision,
        "purchase_order": purchase_order,
        "customer_reference": customer_reference,
        "customer_id": customer_id,
        "customer_name": customer_name,
        "org_id": org_id,
        "org_name": org_name,
        "order_date": order_date,
        "lines": [order_line(serials)] if lines is None else list(lines),
    }
    return event(ORDER_PLACED, data, time=time or f"{order_date}T17:00:00Z", source=source, id=id)


def shipped_line(serials: Sequence[str] = ("T1",), *, sales_order: str = "SO-1", line: str = "1") -> Json:
    """One line of a shipment, for `shipped(lines=[...])`."""
    return {"sales_order": sales_order, "line": line, "token_serials": list(serials)}


def shipped(
    serials: Sequence[str] = ("T1",),
    *,
    shipment: str = "SH-1",
    lines: Iterable[Json] | None = None,
    ship_date: str = "2026-02-01",
    revision: int | None = None,
    time: str | None = None,
    source: str = ERP,
    id: str | None = None,
) -> Json:
    """An order shipped: the given `lines`, else the serials under SO-1, line "1"."""
    data = {
        "shipment": shipment,
        "revision": revision,
        "ship_date": ship_date,
        "lines": [shipped_line(serials)] if lines is None else list(lines),
    }
    return event(ORDER_SHIPPED, data, time=time or f"{ship_date}T17:00:00Z", source=source, id=id)


def returned(
    serials: Sequence[str] = ("T1",),
    *,
    at: str = "2026-09-01T16:00:00Z",
    reason: str | None = None,
    time: str | None = None,
    source: str = ERP,
    id: str | None = None,
) -> Json:
    """Tokens returned to the maker."""
    data = {"token_serials": list(serials), "returned_at": at, "reason": reason}
    return event(TOKEN_RETURNED, data, time=time or at, source=source, id=id)


def applied(
    serial: str = "T1",
    station: str = "S1",
    *,
    at: str = "2026-03-02T16:00:00Z",
    station_name: str | None = None,
    evse_id: str | None = None,
    starts_at: str | None = None,
    time: str | None = None,
    source: str = PORTAL,
    id: str | None = None,
) -> Json:
    """A token applied to a station."""
    data = {
        "token_serial": serial,
        "station_serial": station,
        "station_name": station_name,
        "evse_id": evse_id,
        "applied_at": at,
        "starts_at": starts_at,
    }
    return event(TOKEN_APPLIED, data, time=time or at, source=source, id=id)


def unapplied(
    serial: str = "T1",
    *,
    at: str = "2026-06-01T16:00:00Z",
    station: str | None = None,
    time: str | None = None,
    source: str = PORTAL,
    id: str | None = None,
) -> Json:
    """A token taken from its station, or from the `station` named."""
    data = {"token_serial": serial, "unapplied_at": at, "station_serial": station}
    return event(TOKEN_UNAPPLIED, data, time=time or at, source=source, id=id)


def activated(
    station: str = "S1",
    *,
    at: str = "2026-03-05T16:00:00Z",
    token: str | None = None,
    time: str | None = None,
    source: str = FIRMWARE,
    id: str | None = None,
) -> Json:
    """A station's report of its activation, naming the `token` that it runs on where it knows it."""
    data = {"station_serial": station, "activated_at": at, "token_serial": token}
    return event(STATION_ACTIVATED, data, time=time or at, source=source, id=id)


def transferred(
    serials: Sequence[str] = ("T1",),
    *,
    at: str = "2026-05-01T16:00:00Z",
    from_org: str = "ORG-1",
    to_org: str = "ORG-2",
    to_name: str = "Organization 2",
    time: str | None = None,
    source: str = PORTAL,
    id: str | None = None,
) -> Json:
    """Tokens transferred from one organization to another."""
    data = {
        "token_serials": list(serials),
        "from_org_id": from_org,
        "to_org_id": to_org,
        "to_org_name": to_name,
        "transferred_at": at,
    }
    return event(TOKEN_TRANSFERRED, data, time=time or at, source=source, id=id)


def retracted(
    target: Mapping[str, Any],
    *,
    reason: str = "sent by mistake",
    time: str = "2026-10-01T16:00:00Z",
    source: str = ERP,
    id: str | None = None,
) -> Json:
    """A retraction of the event `target` (only its `source` and `id` are read)."""
    data = {"event_source": target["source"], "event_id": target["id"], "reason": reason}
    return event(EVENT_RETRACTED, data, time=time, source=source, id=id)


def with_data(original: Mapping[str, Any], **fields: Any) -> Json:
    """A copy of the event, source and id included, with other data in `fields`; None takes a field out."""
    changed = copy.deepcopy(dict(original))
    changed["data"] = {
        name: value for name, value in {**changed["data"], **fields}.items() if value is not None
    }
    return changed


def encoded(structured: Mapping[str, Any]) -> bytes:
    """The event as the bytes of a Kafka message in structured mode."""
    return json.dumps(structured, ensure_ascii=False).encode()
