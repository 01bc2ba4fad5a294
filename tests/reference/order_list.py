"""The list of order lines, from the versions in force of orders and shipments."""

import datetime
from collections.abc import Iterable
from typing import Any

from tests.reference.calendar import calendar_of
from tests.reference.facts import Json, OrderVersion, distinct
from tests.reference.known import Known, LineKey


class Orders:
    """All that a set of events says of order lines."""

    def __init__(self, events: Iterable[Json], zone: str) -> None:
        self.events = distinct(events)
        self.by_id = {(event["source"], event["id"]): event for event in self.events}
        self.known = Known(self.events)
        self.calendar = calendar_of(zone)

    def rows_at(self, moment: int) -> dict[LineKey, dict[str, Any]]:
        """How each line that was known by the moment stands, by its key."""
        keys = {*self.known.order_versions}
        for number in self.known.shipment_versions:
            keys |= {(line["sales_order"], line["line"]) for line in self._lines(number)}
        rows = {key: self._row(key, moment) for key in keys}
        return {key: row for key, row in rows.items() if row is not None}

    def _row(self, key: LineKey, moment: int) -> dict[str, Any] | None:
        order = self.known.line_in_force(key)
        shipments = []
        for number in sorted(self.known.shipment_versions):
            version = self.known.shipment_in_force(number)
            listed = [line for line in self._lines(number) if (line["sales_order"], line["line"]) == key]
            if version is not None and listed:
                left = self.calendar.midnight(version.ship_date)
                if min(version.time, left) <= moment:
                    shipments.append(
                        (number, left <= moment, version.ship_date, set(listed[0]["token_serials"]))
                    )
        is_ordered = order is not None and min(order.time, self.calendar.midnight(order.order_date)) <= moment
        if not is_ordered and not shipments:
            return None
        named = set() if order is None else set(order.serials)
        known = named.union(*(serials for *_, serials in shipments))
        shipped = set[str]().union(*(serials for _, left, _, serials in shipments if left))
        dates = [date for _, left, date, _ in shipments if left]
        quantity = self._quantity(order)
        return {
            "org_id": None if order is None else order.org_id,
            "order_date": None if order is None else order.order_date.isoformat(),
            "quantity": quantity,
            "named": len(named),
            "shipped": len(shipped),
            "missing": None
            if order is None or order.cancelled or quantity is None
            else max(quantity - len(known), 0),
            "ship_date": min(dates).isoformat() if dates else None,
            "shipments": [number for number, *_ in shipments],
            "state": _state(order, dates, len(known), quantity, len(shipped)),
        }

    def _quantity(self, order: OrderVersion | None) -> int | None:
        if order is None:
            return None
        [line] = [
            line for line in self.by_id[order.source, order.id]["data"]["lines"] if line["line"] == order.line
        ]
        quantity: int | None = line.get("quantity") or None
        return quantity

    def _lines(self, shipment: str) -> list[Json]:
        version = self.known.shipment_in_force(shipment)
        if version is None:
            return []
        lines: list[Json] = self.by_id[version.source, version.id]["data"]["lines"]
        return lines


def _state(
    order: OrderVersion | None, left: list[datetime.date], known: int, quantity: int | None, shipped: int
) -> str:
    if order is None:
        return "Order missing"
    if order.cancelled:
        return "Cancelled"
    if not left:
        return "Not shipped"
    if known < (1 if quantity is None else quantity):
        return "Serials missing"
    return "Partly shipped" if shipped < known else "Complete"
