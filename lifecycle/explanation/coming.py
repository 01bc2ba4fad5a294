"""What changes a status next."""

from typing import NamedTuple

from lifecycle.explanation.evidence import Evidence
from lifecycle.explanation.words import instant, line_name
from lifecycle.places import Place
from lifecycle.stages import ACTIVE, AVAILABLE, EXPIRED, NEW, STAGES, stage_at, status_at


class Next(NamedTuple):
    """What changes a status: at an instant (microseconds) that is known, to a status (None: in no report); or,
    with `at` None, what it waits for."""

    at: int | None
    status: str | None
    sentence: str


def next_change(evidence: Evidence, at: int) -> Next:
    """What changes the status after an instant, as far as is known."""
    stages = evidence.history.stages
    status = status_at(stages, at)
    for moment in sorted({moment for moment in stages if moment is not None and moment > at}):
        reached = stage_at(stages, moment)
        assert reached is not None
        then = STAGES[reached].status
        if then is not status:
            return Next(moment, None if then is None else then.value, _announced(evidence, reached, moment))
    return Next(None, None, _waits_for(evidence, stage_at(stages, at), at))


def _announced(evidence: Evidence, stage: int, moment: int) -> str:
    history, zone, at = evidence.history, evidence.calendar.zone_name, instant(moment)
    if stage == EXPIRED:
        return f"expires {history.expiration_date}, at the end of that day in {zone} ({at})"
    if stage == ACTIVE:
        return f"becomes Active at {at}, when its term starts"
    if stage == AVAILABLE:
        return f"becomes Available at {at}, when it is shipped or first applied"
    if stage == NEW:
        return f"is in the report from {at}, as New"
    return f"leaves the report at {at}, when it is returned"


def _waits_for(evidence: Evidence, stage: int | None, at: int) -> str:
    """No instant is known: what event would bring the next stage."""
    if stage in (NEW, AVAILABLE):
        place = evidence.place_at(at) or _coming_place(evidence, at)
        if place is not None:
            return f"waits for the first activation of station {place.station_serial}"
        if stage == AVAILABLE:
            return "waits to be applied to a station"
        return "waits for a shipment that lists it, or to be applied to a station"
    if stage == ACTIVE and evidence.history.version is None:
        line = evidence.claims.line
        of_line = "that lists it" if line is None else f"of {line_name(line.key)}"
        return f"does not expire while no order {of_line} says how many years its term has"
    return "no further change is known"


def _coming_place(evidence: Evidence, at: int) -> Place | None:
    """The place of the next application that is known already, though its instant is still to come."""
    coming = (place for moment, place in evidence.stays.changes if moment > at and place is not None)
    return next(coming, None)
