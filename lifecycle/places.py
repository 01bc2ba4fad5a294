"""Where a token is: applications and un-applications to stays on stations."""

from collections.abc import Sequence
from datetime import date

import msgspec

from lifecycle.calendar import Calendar
from lifecycle.facts import Applied, Unapplied, in_own_order


class Place(msgspec.Struct, frozen=True, gc=False):
    """A token's place after an application, with the applications that its values came from.

    A name, EVSE or start that a later application of the same stay leaves out still holds.
    """

    station_serial: str
    station_name: str | None
    evse_id: str | None
    applied_date: date
    starts_at: int | None
    first: Applied
    name_from: Applied | None
    evse_from: Applied | None

    @property
    def cells(self) -> tuple[str, str | None, str | None, date]:
        """The part that the report shows."""
        return self.station_serial, self.station_name, self.evse_id, self.applied_date


class Application(msgspec.Struct, frozen=True, gc=False):
    """One application as the term needs it: what held then, and the instant of the next effective move."""

    fact: Applied
    starts_at: int | None
    until: int | None


class Stays(msgspec.Struct, frozen=True, gc=False):
    """`changes` are the places in order, each from an instant (microseconds), None where taken off."""

    changes: list[tuple[int, Place | None]]
    applications: list[Application]
    first_applied_at: int | None

    def station_at(self, at: int) -> str | None:
        """The station on which the token is at an instant."""
        for instant, place in reversed(self.changes):
            if instant <= at:
                return None if place is None else place.station_serial
        return None


NOWHERE = Stays([], [], None)


def stays_of(moves: Sequence[Applied | Unapplied], calendar: Calendar) -> Stays:
    """Walk the moves in own order. An un-application that names another station has no effect at all."""
    if not moves:
        return NOWHERE
    if len(moves) > 1:
        moves = sorted(moves, key=in_own_order)
    changes: list[tuple[int, Place | None]] = []
    applications: list[Application] = []
    first_applied_at: int | None = None
    place: Place | None = None
    for move in moves:
        if isinstance(move, Unapplied):
            if place is None or (move.station_serial or place.station_serial) != place.station_serial:
                continue
            place = None
        else:
            if first_applied_at is None:
                first_applied_at = move.instant
            place = _applied(place, move, calendar)
        if applications and applications[-1].until is None:
            applications[-1] = msgspec.structs.replace(applications[-1], until=move.instant)
        if place is not None:
            applications.append(Application(move, place.starts_at, None))  # type: ignore[arg-type]
        changes.append((move.instant, place))
    return Stays(changes, applications, first_applied_at)


def _applied(before: Place | None, move: Applied, calendar: Calendar) -> Place:
    if before is None or before.station_serial != move.station_serial:
        return Place(
            move.station_serial,
            move.station_name,
            move.evse_id,
            calendar.local_date(move.instant),
            move.starts_at,
            move,
            None if move.station_name is None else move,
            None if move.evse_id is None else move,
        )
    return Place(
        before.station_serial,
        before.station_name if move.station_name is None else move.station_name,
        before.evse_id if move.evse_id is None else move.evse_id,
        before.applied_date,
        before.starts_at if move.starts_at is None else move.starts_at,
        before.first,
        before.name_from if move.station_name is None else move,
        before.evse_from if move.evse_id is None else move,
    )
