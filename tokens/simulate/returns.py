"""Returns: tokens that go back to the company, used or not."""

from collections.abc import Sequence

from schemas.instants import format_instant
from tokens.simulate.account import Account
from tokens.simulate.delivery import WAREHOUSE
from tokens.simulate.habits import DAYS_TO_RETURN, RETURNED_UNUSED
from tokens.simulate.moments import DAY, HOUR, office_moment

REASONS = ("ordered too many", "project cancelled", "wrong plan", "site sold")


def send_return(account: Account, serials: Sequence[str], at: int) -> None:
    """Tell the world that tokens came back at that instant; one return in five gives no reason."""
    data = {"token_serials": serials, "returned_at": format_instant(at)}
    if account.dice.chance(0.8):
        data["reason"] = account.dice.pick(REASONS)
    account.delivery.send("token.returned", WAREHOUSE, account.next_return(), at, data)


def return_some(account: Account, unused: Sequence[str], delivered_at: int) -> None:
    """Send back some of the tokens that nobody applied, together."""
    dice = account.dice
    returned = dice.some(unused, RETURNED_UNUSED)
    if returned:
        days = dice.whole(*DAYS_TO_RETURN)
        send_return(
            account, returned, office_moment(dice, delivered_at + days * DAY, earliest=delivered_at + HOUR)
        )
