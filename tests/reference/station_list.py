"""The list of stations, from the histories of all tokens and the activations: what covers each at an instant."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from tests.reference.calendar import Calendar, calendar_of
from tests.reference.facts import Json
from tests.reference.known import Known
from tests.reference.place import place_at
from tests.reference.rules import History, Span, history_of
from tests.reference.term import first_activation


class Stations:
    """All that a set of events says of stations."""

    def __init__(self, events: Iterable[Json], zone: str) -> None:
        events = list(events)
        self.calendar: Calendar = calendar_of(zone)
        known = Known(events)
        everyone: Mapping[str, History] = history_of(events, zone)
        self.histories = {
            serial: history for serial, history in everyone.items() if history.stages.new is not None
        }
        self.started = {station: first_activation(known, station) for station in known.activations_of}
        self.spans: dict[str, list[tuple[str, Span]]] = {station: [] for station in self.started}
        for serial, history in self.histories.items():
            for span in history.spans():
                if span.place is not None and _from(span) < _gone(history):
                    self.spans.setdefault(span.place.station, []).append((serial, span))

    def rows_at(self, moment: int) -> dict[str, dict[str, Any]]:
        """Each station that was known by the moment, cells as the API shows them."""
        rows = {}
        for station in self.spans:
            started = self.started.get(station)
            begun = [(serial, span) for serial, span in self.spans[station] if _from(span) <= moment]
            if begun or (started is not None and started <= moment):
                rows[station] = self._row(station, moment, begun)
        return rows

    def _row(self, station: str, moment: int, begun: list[tuple[str, Span]]) -> dict[str, Any]:
        started = self.started.get(station)
        has_started = started is not None and started <= moment
        here = [
            history
            for history in self.histories.values()
            if history.stages.at(moment) is not None
            and (place := place_at(history.moves, moment)) is not None
            and place.station == station
        ]
        active = sorted(
            (history for history in here if history.stages.at(moment) == "Active"),
            key=lambda history: (-_end(history), history.serial),
        )
        queued = sorted(
            (history for history in here if history.stages.at(moment) in ("New", "Available")),
            key=lambda history: (
                math.inf if history.stages.active is None else history.stages.active,
                self._applied_on(history, moment),
                history.serial,
            ),
        )
        owner = self._owner(moment, active, here, begun)
        if active:
            coverage = "Covered"
        elif has_started:
            coverage = "Gap"
        else:
            coverage = "Waiting" if queued else "Unused"
        return {
            "station_serial": station,
            "station_name": _name(begun),
            "org_id": None if owner is None else owner.org_id,
            "org_name": None if owner is None else owner.org_name,
            "coverage": coverage,
            "started_on": self._date(started) if has_started else None,
            "covered_until": self._covered_until(station, moment, [*active, *queued]) if active else None,
            "active_token": active[0].serial if active else None,
            "queued_tokens": [history.serial for history in queued],
            "gap_since": self._date(self._gap_since(started, moment, begun)) if coverage == "Gap" else None,
            "overlapping_tokens": [
                later.serial
                for number, later in enumerate(active)
                if any(self._overlap(first, later, moment) for first in active[:number])
            ],
            "active_tokens": [history.serial for history in active],
        }

    def _covered_until(self, station: str, moment: int, terms: list[History]) -> str | None:
        """Goes from term to term for as long as one begins before the cover has ended."""
        reached: float = moment
        last: History | None = None
        while True:
            further = [
                history
                for history in terms
                if history.stages.active is not None
                and history.stages.active <= reached < _end(history)
                and (
                    history.stages.active <= moment
                    or (
                        (place := place_at(history.moves, history.stages.active)) is not None
                        and place.station == station
                    )
                )
            ]
            if not further:
                return None if last is None or last.expiration is None else last.expiration.isoformat()
            last = max(further, key=_end)
            reached = _end(last)

    def _gap_since(self, started: int | None, moment: int, begun: list[tuple[str, Span]]) -> int:
        assert started is not None
        ends = [started]
        for serial, span in begun:
            stages = self.histories[serial].stages
            if stages.active is None or stages.active > moment:
                continue
            end = min(
                _until(span), _end(self.histories[serial]), math.inf if stages.gone is None else stages.gone
            )
            if max(_from(span), stages.active) < end:
                ends.append(int(end))
        return max(ends)

    def _overlap(self, one: History, other: History, moment: int) -> bool:
        places = [place_at(each.moves, moment) for each in (one, other)]
        evses = [None if place is None else place.evse_id for place in places]
        return None in evses or evses[0] == evses[1]

    def _owner(
        self, moment: int, active: list[History], here: list[History], begun: list[tuple[str, Span]]
    ) -> Any:
        if active:
            return active[0].ownership.at(moment)
        if here:
            newest = max(self._applied_on(history, moment) for history in here)
            first = min(
                (each for each in here if self._applied_on(each, moment) == newest),
                key=lambda history: history.serial,
            )
            return first.ownership.at(moment)
        left = [
            (-min(_until(span), _gone(self.histories[serial])), serial, span.owner) for serial, span in begun
        ]
        return min(left, key=lambda each: each[:2])[2] if left else None

    def _applied_on(self, history: History, moment: int) -> str:
        place = place_at(history.moves, moment)
        assert place is not None
        return self.calendar.local_date(place.applied_at).isoformat()

    def _date(self, instant: int | None) -> str | None:
        return None if instant is None else self.calendar.local_date(instant).isoformat()


def _name(begun: list[tuple[str, Span]]) -> str | None:
    since: dict[tuple[str, str], float] = {}
    for serial, span in begun:
        if span.place is not None and span.place.station_name is not None:
            key = (serial, span.place.station_name)
            since[key] = min(_from(span), since.get(key, math.inf))
    return min(((-at, name) for (_, name), at in since.items()), default=(0, None))[1]


def _end(history: History) -> float:
    return math.inf if history.stages.expired is None else history.stages.expired


def _gone(history: History) -> float:
    return math.inf if history.stages.gone is None else history.stages.gone


def _from(span: Span) -> float:
    return -math.inf if span.starts_at is None else span.starts_at


def _until(span: Span) -> float:
    return math.inf if span.ends_at is None else span.ends_at
