"""An order: its lines, and what the ERP says of it."""

from dataclasses import dataclass, replace
from typing import Any

from tokens.simulate.account import Account, Lapse
from tokens.simulate.catalog import Product, product_for
from tokens.simulate.company import Organization
from tokens.simulate.delivery import ERP
from tokens.simulate.habits import (
    HAS_PURCHASE_ORDER,
    HAS_REFERENCE,
    LINES_AN_ORDER,
    RENEWAL_BOUGHT_DAYS,
    RENEWALS_AN_ORDER,
    SERIALS_NAMED_LATE,
    TOKENS_A_LINE,
)
from tokens.simulate.moments import DAY, business_day

PROJECTS = ("Phase", "Building", "Site", "Garage", "Program")


@dataclass(slots=True, frozen=True)
class Line:
    """One order line; `lapses` names the place of each of its tokens where they are renewals."""

    line: str
    product: Product
    serials: tuple[str, ...]
    lapses: tuple[Lapse, ...] = ()
    cancelled: bool = False


@dataclass(slots=True, frozen=True)
class Order:
    """One version of an order; `placed_at` is that of its first."""

    sales_order: str
    placed_at: int
    organization: Organization
    purchase_order: str | None
    customer_reference: str
    names_serials: bool
    lines: tuple[Line, ...]
    revision: int = 0

    def next_version(self, **changes: Any) -> "Order":
        """The version after this one, with other values for some attributes."""
        return replace(self, revision=self.revision + 1, **changes)

    def with_line(self, changed: Line) -> tuple[Line, ...]:
        """Its lines, one of them replaced."""
        return tuple(changed if line.line == changed.line else line for line in self.lines)


def split_into_orders(account: Account) -> list[list[int]]:
    """The quantities of each line of each order, until all tokens of the customer are in one."""
    dice = account.dice
    orders = []
    left = account.customer.tokens
    while left > 0:
        lines = []
        for _ in range(dice.weighted(LINES_AN_ORDER)):
            quantity = min(left, dice.whole(*dice.weighted(TOKENS_A_LINE)))
            if quantity:
                lines.append(quantity)
                left -= quantity
        orders.append(lines)
    return orders


def fill_order(account: Account, quantities: list[int], placed_at: int) -> Order:
    """The first version of an order of so many tokens. Renewals, if any are due, come first."""
    dice = account.dice
    left = sum(quantities)
    lines = []
    lapses = _take_lapses(account, int(left * RENEWALS_AN_ORDER), placed_at)
    if lapses:
        renewed = lapses[0].product._replace(renewal=True)
        lines.append(Line("10", renewed, account.take_serials(len(lapses)), lapses))
        left -= len(lapses)
    for quantity in quantities:
        fresh = min(left, quantity)
        if fresh:
            number = str(10 * (len(lines) + 1))
            bought = product_for(dice, account.customer.segment.plans)
            lines.append(Line(number, bought, account.take_serials(fresh)))
            left -= fresh
    return Order(
        sales_order=account.next_sales_order(),
        placed_at=placed_at,
        organization=lapses[0].organization if lapses else dice.pick(account.customer.organizations),
        purchase_order=f"PO-{dice.whole(100_000, 999_999)}" if dice.chance(HAS_PURCHASE_ORDER) else None,
        customer_reference=f"{dice.pick(PROJECTS)} {dice.whole(1, 9)}" if dice.chance(HAS_REFERENCE) else "",
        names_serials=not dice.chance(SERIALS_NAMED_LATE),
        lines=tuple(lines),
    )


def _take_lapses(account: Account, most: int, placed_at: int) -> tuple[Lapse, ...]:
    """The terms to renew with an order of that instant: at most so many, of one plan and term."""
    soonest, latest = (placed_at + days * DAY for days in RENEWAL_BOUGHT_DAYS)
    due = [lapse for lapse in account.lapses if soonest <= lapse.ends_at <= latest]
    taken = [lapse for lapse in due if lapse.product == due[0].product][:most]
    ports = {(lapse.station.serial, lapse.port) for lapse in taken}
    account.lapses = [
        lapse
        for lapse in account.lapses
        if lapse.ends_at > soonest and (lapse.station.serial, lapse.port) not in ports
    ]
    return tuple(taken)


def send_order(account: Account, order: Order, at: int, only: Line | None = None) -> None:
    """Tell the world this version of the order; of `only` one line where the ERP leaves out the rest."""
    customer = account.customer
    data: dict[str, Any] = {
        "sales_order": order.sales_order,
        "revision": order.revision,
        "customer_reference": order.customer_reference,
        "customer_id": customer.customer_id,
        "customer_name": customer.customer_name,
        "org_id": order.organization.org_id,
        "org_name": order.organization.org_name,
        "order_date": business_day(order.placed_at).isoformat(),
        "lines": [_line_data(line, order.names_serials) for line in ([only] if only else order.lines)],
    }
    if order.purchase_order is not None:
        data["purchase_order"] = order.purchase_order
    account.delivery.send("order.placed", ERP, f"{order.sales_order}/{order.revision}", at, data)


def _line_data(line: Line, names_serials: bool) -> dict[str, Any]:
    data = {
        "line": line.line,
        "part_number": line.product.part_number,
        "cloud_plan": line.product.plan.name,
        "description": line.product.description,
        "term_years": line.product.term_years,
        "token_type": line.product.token_type,
        "quantity": len(line.serials),
        "token_serials": line.serials if names_serials else (),
    }
    if line.cancelled:
        data["cancelled"] = True
    return data
