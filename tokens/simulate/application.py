"""What the portal says: tokens applied to stations, taken off, moved, and applied by mistake."""

from typing import Any

from schemas.instants import format_instant
from tokens.simulate.account import Account, Station
from tokens.simulate.delivery import PORTAL
from tokens.simulate.moments import DAY, HOUR, MINUTE, office_moment

REASONS_OF_MISTAKES = ("applied to the wrong station", "wrong token selected", "site not open yet")


def apply(
    account: Account,
    serial: str,
    station: Station,
    port: int,
    at: int,
    *,
    time_of_token: int = 1,
    starts_at: int | None = None,
) -> str:
    """Apply a token to a port from an instant; the event's id. `time_of_token` counts its applications."""
    data: dict[str, Any] = {
        "token_serial": serial,
        "station_serial": station.serial,
        "station_name": station.name,
        "evse_id": station.evse_id(port),
        "applied_at": format_instant(at),
    }
    if starts_at is not None:
        data["starts_at"] = format_instant(starts_at)
    event_id = f"{serial}/applied/{time_of_token}"
    account.delivery.send("token.applied", PORTAL, event_id, at, data)
    return event_id


def unapply(account: Account, serial: str, station: Station, at: int) -> None:
    """Take a token off its station; half of the portal's screens say which station that was."""
    data = {"token_serial": serial, "unapplied_at": format_instant(at)}
    if account.dice.chance(0.5):
        data["station_serial"] = station.serial
    account.delivery.send("token.unapplied", PORTAL, f"{serial}/unapplied", at, data)


def retract(account: Account, event_id: str, reason: str, at: int) -> None:
    """Take back an event of the portal."""
    data = {"event_source": PORTAL, "event_id": event_id, "reason": reason}
    account.delivery.send("event.retracted", PORTAL, f"{event_id}/retracted", at, data)


def apply_by_mistake(account: Account, serial: str, wrong: Station, at: int) -> int:
    """Apply a token to the wrong station, and take that back; the instant of the correction."""
    event_id = apply(account, serial, wrong, 1, at, time_of_token=0)
    noticed_at = at + account.dice.early(10, 4 * 24 * 60) * MINUTE
    retract(account, event_id, account.dice.pick(REASONS_OF_MISTAKES), noticed_at)
    return noticed_at + MINUTE


def move(
    account: Account, serial: str, old: Station, new: Station, at: int, *, unapplied_first: bool
) -> None:
    """Apply a token to another station, from the old one directly or after taking it off there."""
    if unapplied_first:
        unapply(account, serial, old, at)
        at = office_moment(account.dice, at + account.dice.whole(0, 5) * DAY, earliest=at + HOUR)
    apply(account, serial, new, 1, at, time_of_token=2)
