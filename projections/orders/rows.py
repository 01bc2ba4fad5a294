"""The rows from which the list of order lines is read: what an order or shipment event says of each of its lines."""

from datetime import date
from typing import Any, NamedTuple

from lifecycle.subjects import line_key
from schemas.envelope import Event
from schemas.events import OrderPlaced, OrderPlacedLine, OrderShipped


class OrderLineRow(NamedTuple):
    """A line as one order event has it; `known_at` in microseconds, `named` sorted. `bare_row` where none has it."""

    order_line: str
    identity: bytes | None
    known_at: int | None
    cancelled: bool | None
    sales_order: str
    line: str
    part_number: str | None
    cloud_plan: str | None
    description: str | None
    term_years: int | None
    token_type: str | None
    org_id: str | None
    org_name: str | None
    purchase_order: str | None
    customer_reference: str | None
    customer_name: str | None
    customer_id: str | None
    order_date: date | None
    quantity: int | None
    named: list[str]


class ShipmentLineRow(NamedTuple):
    """What one shipment event delivers of a line; `known_at` in microseconds, `serials` sorted."""

    shipment: str
    order_line: str
    identity: bytes
    known_at: int
    sales_order: str
    line: str
    ship_date: date
    serials: list[str]


def order_line(sales_order: str, line: str) -> str:
    """A line's key as the list shows it: two lines never have the same."""
    escaped = sales_order.replace("\\", "\\\\").replace("/", "\\/")
    return f"{escaped}/{line}"


def bare_row(key: str) -> OrderLineRow:
    """The row of a line of which no order version is in force, by the key of its subject."""
    sales_order, _, line = key.partition("\x1f")
    row = OrderLineRow._make([None] * len(OrderLineRow._fields))
    return row._replace(
        order_line=order_line(sales_order, line), sales_order=sales_order, line=line, named=[]
    )


def order_line_rows(event: Event) -> dict[str, OrderLineRow]:
    """The rows of an order event, by the key of the line's subject."""
    order: Any = event.data
    assert type(order) is OrderPlaced
    return {
        line_key(order.sales_order, line.line): _order_line_row(event, order, line) for line in order.lines
    }


def shipment_line_rows(event: Event) -> list[ShipmentLineRow]:
    """The rows of a shipment event."""
    shipment: Any = event.data
    assert type(shipment) is OrderShipped
    return [
        ShipmentLineRow(
            shipment.shipment,
            order_line(line.sales_order, line.line),
            event.identity,
            event.time,
            line.sales_order,
            line.line,
            shipment.ship_date,
            sorted(line.token_serials),
        )
        for line in shipment.lines
    ]


def _order_line_row(event: Event, order: OrderPlaced, line: OrderPlacedLine) -> OrderLineRow:
    return OrderLineRow(
        order_line(order.sales_order, line.line),
        event.identity,
        event.time,
        line.cancelled,
        order.sales_order,
        line.line,
        line.part_number,
        line.cloud_plan,
        line.description,
        line.term_years,
        line.token_type,
        order.org_id,
        order.org_name,
        order.purchase_order,
        order.customer_reference,
        order.customer_name,
        order.customer_id,
        order.order_date,
        line.quantity,
        sorted(line.token_serials),
    )
