"""Stations: where they stand, and the activation that they report at every boot."""

from schemas.instants import format_instant
from tokens.simulate.account import Account, Station
from tokens.simulate.delivery import HEAD_END
from tokens.simulate.habits import (
    ACTIVATION_NAMES_TOKEN,
    BOOTS_A_YEAR,
    COMMISSIONED_BEFORE,
    COMMISSIONED_DAYS,
    DAYS_TO_FIRST_BOOT,
    NEVER_REPORTS,
)
from tokens.simulate.moments import DAY, SECOND

MILLISECOND = 1_000
HEAD_END_DELAY = 3 * SECOND
LONGEST_BETWEEN_BOOTS = int(2 * 365 * DAY / BOOTS_A_YEAR)


def commission(account: Account, place: str, applied_at: int, serial: str) -> Station:
    """A station that a token is applied to at that instant, and all that it ever reports."""
    dice = account.dice
    if dice.chance(NEVER_REPORTS):
        return account.next_station(place, first_boot=None)
    if dice.chance(COMMISSIONED_BEFORE):
        first_boot = applied_at - dice.early(*COMMISSIONED_DAYS) * DAY - _part_of_day(account)
        first_boot = max(first_boot, account.delivery.start)
        named = None
    else:
        first_boot = applied_at + dice.early(*DAYS_TO_FIRST_BOOT) * DAY + _part_of_day(account)
        named = serial if dice.chance(ACTIVATION_NAMES_TOKEN) else None
    station = account.next_station(place, first_boot)
    report_boots(account, station, named)
    return station


def report_boots(account: Account, station: Station, named: str | None) -> None:
    """Every activation up to the end of the history; the first names a token where `named` is one."""
    delivery, dice = account.delivery, account.dice
    at, boot = station.first_boot, 1
    while at is not None and at <= delivery.until:
        data = {"station_serial": station.serial, "activated_at": format_instant(at)}
        if named is not None and boot == 1:
            data["token_serial"] = named
        time = min(at + HEAD_END_DELAY, delivery.until)
        delivery.send("station.activated", HEAD_END, f"{station.serial}/{boot}", time, data)
        at += dice.whole(DAY // MILLISECOND, LONGEST_BETWEEN_BOOTS // MILLISECOND) * MILLISECOND
        boot += 1


def _part_of_day(account: Account) -> int:
    return account.dice.whole(1, DAY // MILLISECOND) * MILLISECOND
