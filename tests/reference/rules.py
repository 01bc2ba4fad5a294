"""The history of every token, and the report at an instant, from a whole set of events.

Events are valid structured CloudEvents as JSON objects, in any order; of several with one source and id the
first in the list stands. An instant (`as_of`, `moment`) is a whole number of microseconds since
1970-01-01T00:00:00Z.
"""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.reference.anomalies import anomalies
from tests.reference.calendar import Calendar, calendar_of
from tests.reference.facts import Json, OrderVersion
from tests.reference.known import Known
from tests.reference.lines import Claim, claims, ship_date
from tests.reference.owner import Owner, Ownership, Refusal, ownership
from tests.reference.place import Move, Place, moves, place_at
from tests.reference.stages import Stages, stages
from tests.reference.term import starts, years_after

COLUMNS = (
    "token_serial",
    "part_number",
    "cloud_plan",
    "description",
    "term_years",
    "token_type",
    "org_id",
    "org_name",
    "evse_id",
    "station_serial",
    "station_name",
    "activation_date",
    "applied_date",
    "expiration_date",
    "purchase_order",
    "sales_order",
    "customer_reference",
    "customer_name",
    "customer_id",
    "order_date",
    "ship_date",
    "status",
)
"""The keys of the report's 22 columns, in their order; a row has them all, and `anomalies`."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Span:
    """A stretch of time, [starts_at, ends_at), in which owner and place stay the same; None: open there."""

    starts_at: int | None
    ends_at: int | None
    owner: Owner | None
    place: Place | None


@dataclass(frozen=True)
class History:
    """All there is to say about one token, at every instant."""

    serial: str
    calendar: Calendar
    line: Claim | None
    order: OrderVersion | None
    shipped: datetime.date | None
    expiration: datetime.date | None
    stages: Stages
    moves: tuple[Move, ...]
    ownership: Ownership
    anomalies: tuple[str, ...]

    @property
    def refused_transfers(self) -> tuple[Refusal, ...]:
        """The transfers without effect, in own order, each with its reason."""
        return self.ownership.refused

    def row_at(self, moment: int) -> Row | None:
        """The token's row in the report at the moment, cells as the API shows them; None: it is not in it."""
        status = self.stages.at(moment)
        if status is None:
            return None
        owner = self.ownership.at(moment)
        place = place_at(self.moves, moment)
        start = self.stages.active
        started = start is not None and start <= moment
        order = self.order
        row: Row = dict.fromkeys(COLUMNS)
        row["token_serial"] = self.serial
        row["status"] = status
        row["anomalies"] = list(self.anomalies)
        row["sales_order"] = self.line.key[0] if self.line else None
        row["ship_date"] = _cell(self.shipped)
        if order is not None:
            row["part_number"] = order.part_number
            row["cloud_plan"] = order.cloud_plan
            row["description"] = order.description
            row["term_years"] = order.term_years
            row["token_type"] = order.token_type
            row["purchase_order"] = order.purchase_order
            row["customer_reference"] = order.customer_reference
            row["customer_name"] = order.customer_name
            row["customer_id"] = order.customer_id
            row["order_date"] = _cell(order.order_date)
        if owner is not None:
            row["org_id"] = owner.org_id
            row["org_name"] = owner.org_name
        if place is not None:
            row["station_serial"] = place.station
            row["station_name"] = place.station_name
            row["evse_id"] = place.evse_id
            row["applied_date"] = _cell(self.calendar.local_date(place.applied_at))
        if started and start is not None:
            row["activation_date"] = _cell(self.calendar.local_date(start))
            row["expiration_date"] = _cell(self.expiration)
        return row

    def spans(self) -> list[Span]:
        """The stretches of owner and place, in order; neighbours differ, and none is empty."""
        turns: list[int | None] = [None]
        turns += sorted({move.at for move in self.moves} | {since for since, _ in self.ownership.later})
        found: list[Span] = []
        for turn in turns:
            owner = self.ownership.first if turn is None else self.ownership.at(turn)
            place = None if turn is None else place_at(self.moves, turn)
            if found and (found[-1].owner, self._cells(found[-1].place)) == (owner, self._cells(place)):
                continue
            if found:
                last = found.pop()
                found.append(Span(last.starts_at, turn, last.owner, last.place))
            found.append(Span(turn, None, owner, place))
        return found

    def _cells(self, place: Place | None) -> tuple[object, ...]:
        if place is None:
            return ()
        date = self.calendar.local_date(place.applied_at)
        return (place.station, place.station_name, place.evse_id, date)

    def boundary_instants(self) -> list[int]:
        """The instants at which the row changes, appears or goes."""
        instants = {instant for instant in self.stages.instants().values() if instant is not None}
        instants |= {move.at for move in self.moves}
        instants |= {since for since, _ in self.ownership.later}
        return sorted(moment for moment in instants if self.row_at(moment - 1) != self.row_at(moment))


def history_of(events: Iterable[Json], zone: str) -> dict[str, History]:
    """The history of every serial that any of the events names, those that are in no report included."""
    known = Known(events)
    calendar = calendar_of(zone)
    return {serial: _history(known, serial, calendar) for serial in known.serials()}


def _history(known: Known, serial: str, calendar: Calendar) -> History:
    all_claims = claims(known, serial)
    line = all_claims[0] if all_claims else None
    order = line.order if line else None
    shipped = ship_date(known, serial)
    done = moves(known.standing(known.moves.get(serial, ())))
    start = min(starts(known, serial, done), default=None)
    expiration = None
    if start is not None and order is not None:
        expiration = years_after(calendar.local_date(start), order.term_years)
    owners = ownership(order, known.standing(known.transfers.get(serial, ())))
    return History(
        serial=serial,
        calendar=calendar,
        line=line,
        order=order,
        shipped=shipped,
        expiration=expiration,
        stages=stages(
            known, serial, calendar, order=order, shipped=shipped, start=start, expiration=expiration
        ),
        moves=tuple(done),
        ownership=owners,
        anomalies=tuple(
            anomalies(known, serial, all_claims=all_claims, shipped=shipped, start=start, owners=owners)
        ),
    )


def rows_from(histories: Mapping[str, History], as_of: int) -> dict[str, Row]:
    """The report at an instant from histories already made: serial to row; who is not in it is absent."""
    rows = {serial: history.row_at(as_of) for serial, history in histories.items()}
    return {serial: row for serial, row in rows.items() if row is not None}


def rows_at(events: Iterable[Json], as_of: int, zone: str) -> dict[str, Row]:
    """The report at an instant: serial to row; who is not in it is absent."""
    return rows_from(history_of(events, zone), as_of)


def boundaries_from(histories: Mapping[str, History]) -> list[int]:
    """All the instants at which any row of these histories changes, ascending."""
    return sorted({moment for history in histories.values() for moment in history.boundary_instants()})


def boundary_instants(events: Iterable[Json], zone: str) -> list[int]:
    """All the instants at which any row changes, appears or goes, ascending."""
    return boundaries_from(history_of(events, zone))


def status_instants(events: Iterable[Json], zone: str) -> dict[str, dict[str, int | None]]:
    """For each serial the instants of its stages, `new` to `gone`; None: never."""
    return {serial: history.stages.instants() for serial, history in history_of(events, zone).items()}


def refused_transfers(events: Iterable[Json], zone: str) -> dict[str, tuple[Refusal, ...]]:
    """For each serial its transfers without effect, in own order, each with its reason."""
    return {serial: history.refused_transfers for serial, history in history_of(events, zone).items()}


def _cell(date: datetime.date | None) -> str | None:
    return None if date is None else date.isoformat()
