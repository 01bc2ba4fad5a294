"""The history of one customer: order after order, and what becomes of each."""

from dataclasses import replace

from tokens.simulate.account import Account
from tokens.simulate.habits import (
    LATEST_JOIN,
    ORDER_NEVER_SENT,
    RECENT_DAYS,
    RECENT_ORDER,
    REVISIONS_OF_AN_ORDER,
)
from tokens.simulate.installation import install, install_renewals
from tokens.simulate.moments import DAY, HOUR, office_moment
from tokens.simulate.order import Order, fill_order, send_order, split_into_orders
from tokens.simulate.ownership import transfer_some
from tokens.simulate.returns import return_some
from tokens.simulate.revision import cancel_before_delivery, revise
from tokens.simulate.shipment import Parcel, plan_parcels, send_shipment


def live(account: Account) -> None:
    """Send every event of a customer's history."""
    orders = split_into_orders(account)
    for quantities, placed_at in zip(orders, _moments_of_orders(account, len(orders)), strict=True):
        _process(account, fill_order(account, quantities, placed_at))


def _moments_of_orders(account: Account, count: int) -> list[int]:
    """When it orders, in order of time.

    The first customer is there from the start and ordered again in the last hours, so that even a small
    company has terms that ended, and orders that nothing was shipped of yet.
    """
    dice, start, until = account.dice, account.delivery.start, account.delivery.until
    joined = start
    first_customer = account.customer.number == 1
    if not first_customer:
        joined += int((until - start) * LATEST_JOIN * dice.random())
    moments = []
    for _ in range(count):
        earliest = max(joined, until - RECENT_DAYS * DAY) if dice.chance(RECENT_ORDER) else joined
        moments.append(min(office_moment(dice, dice.whole(earliest, until), earliest=start), until))
    if first_customer and count > 1:
        moments[0], moments[-1] = start + HOUR, until - HOUR
    return sorted(moments)


def _process(account: Account, order: Order) -> None:
    dice, until = account.dice, account.delivery.until
    correction = dice.weighted(REVISIONS_OF_AN_ORDER)
    to_deliver = order
    if correction == "cancellation":
        order = replace(order, names_serials=True)
        to_deliver = cancel_before_delivery(account, order)
    parcels = plan_parcels(account, to_deliver)
    delivered = [parcel for parcel in parcels if parcel.at <= until]
    if len(delivered) < len(parcels):
        # A token that neither its order nor a shipment names would be in no event at all.
        order = replace(order, names_serials=True)
    if len(delivered) == len(parcels) and correction == "none" and dice.chance(ORDER_NEVER_SENT):
        order = replace(order, names_serials=False)
    else:
        send_order(account, order, order.placed_at)
        revise(account, order, parcels, correction)
    for parcel in delivered:
        send_shipment(account, order, parcel)
        _hand_over(account, order, parcel)


def _hand_over(account: Account, order: Order, parcel: Parcel) -> None:
    for line, first, after in parcel.contents:
        serials = line.serials[first:after]
        if line.lapses:
            install_renewals(account, line, first, after, parcel.at)
        else:
            unused = install(account, order.organization, line, serials, parcel.at)
            return_some(account, unused, parcel.at)
        transfer_some(account, order.organization, serials, parcel.at)
