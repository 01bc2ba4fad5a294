"""Corrections: orders that are sent again with other references, plans, or a cancelled line."""

from dataclasses import replace

from tokens.simulate.account import Account
from tokens.simulate.dice import Dice
from tokens.simulate.habits import (
    AFTER_DELIVERY_DAYS,
    BEFORE_DELIVERY_DAYS,
    IN_THE_TERM_DAYS,
    REVISION_OF_ONE_LINE,
    SERIALS_ADDED_LATER,
    TERM_YEARS,
)
from tokens.simulate.moments import DAY, HOUR, office_moment
from tokens.simulate.order import Line, Order, send_order
from tokens.simulate.shipment import Parcel


def cancel_before_delivery(account: Account, order: Order) -> Order:
    """The order's next version, its last line cancelled within days; the same order if that is to come.

    It names its serials in both: a token that no event names does not exist.
    """
    at = _some_days_after(account, order.placed_at, BEFORE_DELIVERY_DAYS)
    if at > account.delivery.until:
        return order
    cancelled = replace(order.lines[-1], cancelled=True)
    revised = order.next_version(lines=order.with_line(cancelled))
    _send_revision(account, revised, cancelled, at)
    return revised


def revise(account: Account, order: Order, parcels: list[Parcel], kind: str) -> None:
    """Send the corrections that change no delivery, in the order in which the ERP would make them."""
    if not parcels:
        return
    dice = account.dice
    delivered_at = parcels[-1].at
    line = dice.pick(order.lines)
    at = _some_days_after(account, order.placed_at, BEFORE_DELIVERY_DAYS)
    if kind == "references":
        order = order.next_version(purchase_order=f"PO-{dice.whole(100_000, 999_999)}-B")
        _send_revision(account, order, line, at)
    elif kind == "plan before delivery":
        order, line = _with_other_plan(dice, order, line)
        _send_revision(account, order, line, at)
    if not order.names_serials and dice.chance(SERIALS_ADDED_LATER):
        order = order.next_version(names_serials=True)
        at = _some_days_after(account, delivered_at, BEFORE_DELIVERY_DAYS)
        send_order(account, order, at)
    if kind == "plan in the term":
        order, line = _with_other_plan(dice, order, line)
        _send_revision(account, order, line, _some_days_after(account, delivered_at, IN_THE_TERM_DAYS))
    elif kind == "cancellation after delivery":
        line = replace(line, cancelled=True)
        order = order.next_version(lines=order.with_line(line))
        _send_revision(account, order, line, _some_days_after(account, delivered_at, AFTER_DELIVERY_DAYS))


def _send_revision(account: Account, order: Order, changed: Line, at: int) -> None:
    alone = account.dice.chance(REVISION_OF_ONE_LINE)
    send_order(account, order, at, only=changed if alone else None)


def _with_other_plan(dice: Dice, order: Order, line: Line) -> tuple[Order, Line]:
    terms = [years for _, years in TERM_YEARS if years != line.product.term_years]
    changed = replace(line, product=line.product._replace(term_years=dice.pick(terms)))
    return order.next_version(lines=order.with_line(changed)), changed


def _some_days_after(account: Account, at: int, days: tuple[int, int]) -> int:
    return office_moment(account.dice, at + account.dice.whole(*days) * DAY, earliest=at + HOUR)
