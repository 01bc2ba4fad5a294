"""Deliveries: who ships what and when, and what the warehouse says of it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tokens.simulate.account import Account
from tokens.simulate.delivery import WAREHOUSE
from tokens.simulate.habits import (
    DAYS_BETWEEN_SHIPMENTS,
    DAYS_TO_SHIP,
    SERIAL_SCANNED_TWICE,
    SHIP_DATE_SLIP,
    SHIPMENT_NEVER_SENT,
    SHIPMENT_REVISED,
    SHIPMENTS_AN_ORDER,
)
from tokens.simulate.moments import DAY, HOUR, business_day, office_moment
from tokens.simulate.order import Line, Order


@dataclass(slots=True, frozen=True)
class Parcel:
    """What leaves the warehouse together: of a line, the tokens from `first` up to `after`, by position."""

    at: int
    contents: tuple[tuple[Line, int, int], ...]


def plan_parcels(account: Account, order: Order) -> list[Parcel]:
    """Who ships when, future deliveries included: each line in as many parts as the order has shipments."""
    dice = account.dice
    lines = [line for line in order.lines if not line.cancelled]
    parts = dice.weighted(SHIPMENTS_AN_ORDER)
    parcels = []
    previous = order.placed_at
    for part in range(parts):
        days = dice.early(*(DAYS_BETWEEN_SHIPMENTS if part else DAYS_TO_SHIP))
        at = office_moment(dice, previous + days * DAY, earliest=previous + HOUR)
        contents = []
        for line in lines:
            first, after = (len(line.serials) * edge // parts for edge in (part, part + 1))
            if first < after:
                contents.append((line, first, after))
        if contents:
            parcels.append(Parcel(at, tuple(contents)))
        previous = at
    return parcels


def send_shipment(account: Account, order: Order, parcel: Parcel) -> None:
    """Tell the world that a parcel left, now and then with the slips that warehouses make."""
    dice = account.dice
    if order.names_serials and dice.chance(SHIPMENT_NEVER_SENT):
        return
    shipment = account.next_shipment()
    day = business_day(parcel.at)
    written = day - timedelta(days=dice.whole(15, 25) * 2) if dice.chance(SHIP_DATE_SLIP) else day
    lines: list[dict[str, Any]] = [
        {"sales_order": order.sales_order, "line": line.line, "token_serials": line.serials[first:after]}
        for line, first, after in parcel.contents
    ]
    if account.last_delivered is not None and dice.chance(SERIAL_SCANNED_TWICE):
        lines[0]["token_serials"] += (account.last_delivered,)
    data = {"shipment": shipment, "revision": 0, "ship_date": written.isoformat(), "lines": lines}
    account.delivery.send("order.shipped", WAREHOUSE, f"{shipment}/0", parcel.at, data)
    if dice.chance(SHIPMENT_REVISED):
        corrected = {**data, "revision": 1, "ship_date": day.isoformat()}
        revised_at = office_moment(dice, parcel.at + dice.whole(1, 6) * DAY, earliest=parcel.at + HOUR)
        account.delivery.send("order.shipped", WAREHOUSE, f"{shipment}/1", revised_at, corrected)
    line, _, after = parcel.contents[0]
    account.last_delivered = line.serials[after - 1]
