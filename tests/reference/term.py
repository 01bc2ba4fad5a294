"""Rules 4 and 5: when the term starts, and when it ends."""

import calendar as months
import datetime
from collections.abc import Sequence

from tests.reference.known import Known
from tests.reference.place import Move, place_at


def first_activation(known: Known, station: str) -> int | None:
    """The first unretracted activation ever of the station, whatever token it names."""
    return min((fact.at for fact in known.standing(known.activations_of.get(station, ()))), default=None)


def starts(known: Known, serial: str, done: Sequence[Move]) -> list[int]:
    """All the instants at which the term may have started; the earliest is the start."""
    candidates = []
    for index, move in enumerate(done):
        if move.place is None:
            continue
        activation = first_activation(known, move.place.station)
        if activation is None:
            continue
        start = max(move.at, activation, move.at if move.place.starts_at is None else move.place.starts_at)
        if index + 1 == len(done) or start < done[index + 1].at:
            candidates.append(start)
    for fact in known.standing(known.activations_naming.get(serial, ())):
        place = place_at(done, fact.at)
        if place is None or place.station != fact.station:
            candidates.append(fact.at)
    return candidates


def years_after(date: datetime.date, years: int) -> datetime.date:
    """The same day of the later year, 28 February where it has no 29th."""
    year = date.year + years
    if (date.month, date.day) == (2, 29) and not months.isleap(year):
        return datetime.date(year, 2, 28)
    return datetime.date(year, date.month, date.day)
