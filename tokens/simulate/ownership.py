"""Transfers of tokens between the organizations of a customer, refused and retracted ones included."""

from collections.abc import Sequence

from schemas.instants import format_instant
from tokens.simulate.account import Account
from tokens.simulate.application import retract
from tokens.simulate.company import Organization
from tokens.simulate.delivery import PORTAL
from tokens.simulate.habits import (
    DAYS_TO_TRANSFER,
    LINES_TRANSFERRED,
    TOKENS_TRANSFERRED,
    TRANSFER_REFUSED,
    TRANSFER_RETRACTED,
    TRANSFERRED_ON,
)
from tokens.simulate.moments import DAY, HOUR, office_moment


def transfer_some(account: Account, owner: Organization, serials: Sequence[str], delivered_at: int) -> None:
    """Hand some tokens of a delivery to another organization, now and then on to a third or back."""
    dice = account.dice
    others = [other for other in account.customer.organizations if other != owner]
    if not others or not dice.chance(LINES_TRANSFERRED):
        return
    moved = dice.some(serials, TOKENS_TRANSFERRED)
    at = delivered_at
    while moved and at <= account.delivery.until:
        at = office_moment(dice, at + dice.whole(*DAYS_TO_TRANSFER) * DAY, earliest=at + HOUR)
        if dice.chance(TRANSFER_REFUSED):
            # To whom they belong already, or from somebody who does not own them: both are refused.
            stranger = dice.pick(others)
            send_transfer(
                account, moved, dice.pick((owner, stranger)), owner if dice.chance(0.5) else stranger, at
            )
            at += HOUR
        new_owner = dice.pick(others)
        event_id = send_transfer(account, moved, owner, new_owner, at)
        if dice.chance(TRANSFER_RETRACTED):
            retract(account, event_id, "signed by the wrong owner", at + dice.whole(1, 72) * HOUR)
            return
        if not dice.chance(TRANSFERRED_ON):
            return
        owner = new_owner
        others = [other for other in account.customer.organizations if other != owner]


def send_transfer(
    account: Account, serials: Sequence[str], owner: Organization, new_owner: Organization, at: int
) -> str:
    """Tell the world of a transfer; the event's id."""
    event_id = account.next_transfer()
    data = {
        "token_serials": serials,
        "from_org_id": owner.org_id,
        "to_org_id": new_owner.org_id,
        "to_org_name": new_owner.org_name,
        "transferred_at": format_instant(at),
    }
    account.delivery.send("token.transferred", PORTAL, event_id, at, data)
    return event_id
