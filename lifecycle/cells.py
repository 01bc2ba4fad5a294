"""The cells of a token's row, from its history: what is the same at every instant, and what is not."""

from datetime import date
from typing import NamedTuple

from lifecycle.fold import History, Span
from lifecycle.stages import status_at


class PlanCells(NamedTuple):
    """What the order, the shipment and the term say; the same at every instant."""

    part_number: str | None
    cloud_plan: str | None
    description: str | None
    term_years: int | None
    token_type: str | None
    purchase_order: str | None
    sales_order: str | None
    customer_reference: str | None
    customer_name: str | None
    customer_id: str | None
    order_date: date | None
    ship_date: date | None


class SpanCells(NamedTuple):
    """Owner and place while a span lasts."""

    org_id: str | None
    org_name: str | None
    evse_id: str | None
    station_serial: str | None
    station_name: str | None
    applied_date: date | None


def plan_cells(history: History) -> PlanCells:
    """The cells of rule 2's line and shipment; the sales order is known even from a shipment alone."""
    version, line = history.version, history.line
    sales_order = None if line is None else line.sales_order
    ship_date = None if history.shipment is None else date.fromordinal(history.shipment.ship_date)
    if version is None:
        return PlanCells(*(None,) * 6, sales_order, *(None,) * 4, ship_date)
    return PlanCells(
        version.part_number,
        version.cloud_plan,
        version.description,
        version.term_years,
        version.token_type,
        version.purchase_order,
        sales_order,
        version.customer_reference,
        version.customer_name,
        version.customer_id,
        date.fromordinal(version.order_date),
        ship_date,
    )


def span_cells(span: Span) -> SpanCells:
    """The cells of one span."""
    owner, place = span.owner, span.place
    org_id, org_name = (None, None) if owner is None else owner.cells
    if place is None:
        return SpanCells(org_id, org_name, None, None, None, None)
    return SpanCells(
        org_id, org_name, place.evse_id, place.station_serial, place.station_name, place.applied_date
    )


def row_at(serial: str, history: History, at: int) -> dict[str, object] | None:
    """The report's row of one token at an instant (microseconds), as the API shows it; None where it has none."""
    status = status_at(history.stages, at)
    span = history.span_at(at)
    if status is None or span is None:
        return None
    started = history.start is not None and history.start.instant <= at
    row: dict[str, object] = {
        "token_serial": serial,
        **plan_cells(history)._asdict(),
        **span_cells(span)._asdict(),
        "activation_date": history.activation_date if started else None,
        "expiration_date": history.expiration_date if started else None,
        "status": status.value,
        "anomalies": list(history.anomalies),
    }
    return {key: value.isoformat() if isinstance(value, date) else value for key, value in row.items()}
