"""Rule 3: where a token is, move by move."""

from collections.abc import Iterable
from dataclasses import dataclass

from tests.reference.facts import Applied, Unapplied


@dataclass(frozen=True)
class Place:
    """A station and what is known of the token there; `applied_at` and `starts_at` in microseconds."""

    station: str
    station_name: str | None
    evse_id: str | None
    applied_at: int
    starts_at: int | None


@dataclass(frozen=True)
class Move:
    """An application or un-application that has an effect, and where the token is from then on."""

    at: int
    place: Place | None


def moves(facts: Iterable[Applied | Unapplied]) -> list[Move]:
    """The unretracted applications and un-applications, those without effect left out."""
    in_order = sorted(facts, key=lambda fact: (fact.at, isinstance(fact, Applied), fact.source, fact.id))
    done: list[Move] = []
    place: Place | None = None
    for fact in in_order:
        if isinstance(fact, Applied):
            place = _applied(place, fact)
        elif fact.station is None or (place is not None and place.station == fact.station):
            place = None
        else:
            # It names another station than the token's, or the token has none: no effect at all, so that it
            # ends no stay and no application either.
            continue
        done.append(Move(fact.at, place))
    return done


def _applied(before: Place | None, fact: Applied) -> Place:
    if before is None or before.station != fact.station:
        return Place(fact.station, fact.station_name, fact.evse_id, fact.at, fact.starts_at)
    return Place(
        station=fact.station,
        station_name=before.station_name if fact.station_name is None else fact.station_name,
        evse_id=before.evse_id if fact.evse_id is None else fact.evse_id,
        applied_at=before.applied_at,
        starts_at=before.starts_at if fact.starts_at is None else fact.starts_at,
    )


def place_at(done: Iterable[Move], moment: int) -> Place | None:
    """Where the token is at the moment: the last move up to it says so."""
    places = [move.place for move in done if move.at <= moment]
    return places[-1] if places else None
