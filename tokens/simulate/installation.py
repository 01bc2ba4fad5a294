"""What becomes of delivered tokens: applied at a site weeks later, moved, given up, left on the shelf."""

from datetime import timedelta

from lifecycle.calendar import plus_years
from tokens.simulate.account import Account, Lapse, Station
from tokens.simulate.application import apply, apply_by_mistake, move, unapply
from tokens.simulate.company import Organization
from tokens.simulate.habits import (
    ACTIVATED_UNAPPLIED,
    APPLIED_BY_MISTAKE,
    APPLIED_IN_TIME,
    DAYS_TO_APPLY_RENEWAL,
    DAYS_TO_CHANGE,
    DAYS_TO_SITE,
    MOVED,
    MOVED_AFTER_UNAPPLICATION,
    RENEWAL_BOUGHT_DAYS,
    RENEWED,
    RETURNED_USED,
    SECOND_PORT,
    SITE_DAYS,
    UNAPPLIED_FOR_GOOD,
)
from tokens.simulate.moments import DAY, HOUR, office_moment
from tokens.simulate.order import Line
from tokens.simulate.returns import send_return
from tokens.simulate.station import commission, report_boots


def install(
    account: Account, organization: Organization, line: Line, serials: tuple[str, ...], delivered_at: int
) -> list[str]:
    """Apply what was delivered of a line at one site; the serials that stay on the shelf.

    What would happen after the end of the history has not happened.
    """
    dice = account.dice
    place = dice.pick(account.customer.segment.places)
    site_at = delivered_at + dice.early(*DAYS_TO_SITE) * DAY
    unused = []
    station, port = None, 1
    for serial in serials:
        at = office_moment(dice, site_at + dice.whole(0, SITE_DAYS) * DAY, earliest=delivered_at + HOUR)
        if at > account.delivery.until or not dice.chance(APPLIED_IN_TIME):
            unused.append(serial)
        elif dice.chance(ACTIVATED_UNAPPLIED):
            report_boots(account, account.next_station(place, first_boot=at), serial)
        else:
            if station is not None and port == 1 and dice.chance(SECOND_PORT):
                port = 2
            else:
                station, port = commission(account, place, at, serial), 1
            if dice.chance(APPLIED_BY_MISTAKE):
                at = apply_by_mistake(account, serial, account.next_station(place, first_boot=None), at)
            apply(account, serial, station, port, at)
            if not _change_place(account, serial, station, place, at):
                _remember_lapse(account, Lapse(station, port, organization, line.product, at), at)
    return unused


def install_renewals(account: Account, line: Line, first: int, after: int, delivered_at: int) -> None:
    """Apply the tokens of a renewal line, from `first` up to `after` by position, where the old terms end."""
    dice = account.dice
    for serial, lapse in zip(line.serials[first:after], line.lapses[first:after], strict=True):
        days = dice.early(*DAYS_TO_APPLY_RENEWAL)
        at = office_moment(dice, delivered_at + days * DAY, earliest=delivered_at + HOUR)
        early = at < lapse.ends_at
        starts_at = lapse.ends_at if early else None
        apply(account, serial, lapse.station, lapse.port, at, starts_at=starts_at)
        if at <= account.delivery.until:
            _remember_lapse(account, lapse._replace(product=line.product), max(at, lapse.ends_at))


def _remember_lapse(account: Account, lapse: Lapse, earliest_start: int) -> None:
    """Remember the end of a term that starts then or at the station's first boot, if it is worth renewing."""
    first_boot = lapse.station.first_boot
    if first_boot is None or not account.dice.chance(RENEWED):
        return
    calendar = account.calendar
    expires = plus_years(calendar.local_date(max(earliest_start, first_boot)), lapse.product.term_years)
    ends_at = calendar.midnight(expires + timedelta(days=1))
    if ends_at <= account.delivery.until + RENEWAL_BOUGHT_DAYS[1] * DAY:
        account.lapses.append(lapse._replace(ends_at=ends_at))


def _change_place(account: Account, serial: str, station: Station, place: str, applied_at: int) -> bool:
    """Whether the token leaves its port one day, or is to; its events are sent."""
    dice = account.dice
    draw = dice.random()
    if draw >= MOVED + UNAPPLIED_FOR_GOOD + RETURNED_USED:
        return False
    at = office_moment(dice, applied_at + dice.whole(*DAYS_TO_CHANGE) * DAY, earliest=applied_at + HOUR)
    if draw < MOVED:
        new = commission(account, place, at, serial)
        move(account, serial, station, new, at, unapplied_first=dice.chance(MOVED_AFTER_UNAPPLICATION))
    elif draw < MOVED + UNAPPLIED_FOR_GOOD:
        unapply(account, serial, station, at)
    else:
        send_return(account, [serial], at)
    return True
