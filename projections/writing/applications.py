"""Applications: what would become of each token by the rules, and the events that say so."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from lifecycle.cells import row_at
from lifecycle.facts import Applied, Unapplied
from lifecycle.fold import History
from lifecycle.places import Place, stays_of
from lifecycle.stages import EXPIRED
from projections.query.scope import Scope, is_in_scope
from projections.writing.asked import ApplicationItem
from projections.writing.judging import (
    SOURCE,
    Refused,
    future_caution,
    is_same,
    known_token,
    owner_at,
    refuse_foreign,
    refuse_gone,
)
from projections.writing.known import Known, KnownToken, read_known
from projections.writing.results import ApplicationResult, Caution
from schemas.instants import format_instant

if TYPE_CHECKING:
    from projections.query.database import Reader

TYPE = "servicetokens.token.applied.v1"


async def preview_application(
    connection: "Reader",
    items: Sequence[ApplicationItem],
    scope: Scope,
    now: int,
    *,
    request_id: str = "",
    with_rows: bool = True,
) -> list[ApplicationResult]:
    """What becomes of each item, in their order, by all that is recorded; `now` is in microseconds.

    `request_id` is what the ids of the events begin with, where they are to be made.
    """
    serials = {item.token_serial for item in items}
    known = await read_known(connection, serials, {item.station_serial for item in items})
    return await asyncio.to_thread(_judge_all, items, known, scope, now, request_id, with_rows)


def application_events(
    results: Sequence[ApplicationResult], request_id: str
) -> tuple[list[ApplicationResult], list[dict[str, object]]]:
    """The results with the ids of the events that say them, and the events' ids, types and data."""
    named = list(results)
    events: list[dict[str, object]] = []
    for index, result in enumerate(results):
        if not result.is_accepted:
            continue
        event_id = f"{request_id}/{index + 1}"
        data = {
            "token_serial": result.token_serial,
            "station_serial": result.station_serial,
            "station_name": result.station_name,
            "evse_id": result.evse_id,
            "applied_at": format_instant(result.applied_at),
            "starts_at": None if result.starts_at is None else format_instant(result.starts_at),
        }
        given = {name: value for name, value in data.items() if value is not None}
        events.append({"id": event_id, "type": TYPE, "data": given})
        named[index] = replace(result, event_id=event_id)
    return named, events


def _judge_all(
    items: Sequence[ApplicationItem], known: Known, scope: Scope, now: int, request_id: str, with_rows: bool
) -> list[ApplicationResult]:
    before_it: set[str] = set()
    results = []
    for item in items:
        at = now if item.applied_at is None else item.applied_at
        fact = Applied(
            *(at, now, SOURCE, request_id),
            *(item.station_serial, item.station_name, item.evse_id, item.starts_at),
        )
        try:
            token = known_token(item.token_serial, known, before_it)
            results.append(_judge(item, fact, token, known, scope, with_rows))
        except Refused as refused:
            results.append(_result(item, fact, refused.reason, str(refused), None, None))
        before_it.add(item.token_serial)
    return results


def _judge(
    item: ApplicationItem, fact: Applied, token: KnownToken, known: Known, scope: Scope, with_rows: bool
) -> ApplicationResult:
    serial, at, now = item.token_serial, fact.instant, fact.time
    before = known.history(token)
    refuse_foreign(serial, before, token, scope, now)
    owner = owner_at(before, token, at)
    if not is_in_scope(scope, None if owner is None else owner.org_id):
        raise Refused("not_owner", f"another organization owned {serial} at {format_instant(at)}")
    refuse_gone(serial, before, at)
    after = known.history(token, fact)
    if is_same(before, after) and _places(token) == _places(token, fact):
        raise Refused(
            "no_change", f"{serial} is on station {item.station_serial} already, with nothing different"
        )
    span = before.span_at(at)
    place = None if span is None else span.place
    shown_at = max(at, now)
    result = _result(item, fact, None, _sentence(item, fact, place, before, after), place, after)
    return replace(
        result,
        cautions=_cautions(item, fact, place, after, shown_at),
        before=row_at(serial, before, shown_at) if with_rows else None,
        after=row_at(serial, after, shown_at) if with_rows else None,
    )


def _places(token: KnownToken, *another: Applied) -> list[tuple[int, object]]:
    """Where the token is from when on, and when a term could start there: what an application can change at all."""
    moves = [fact for fact in (*token.facts.own, *another) if isinstance(fact, (Applied, Unapplied))]
    found: list[tuple[int, object]] = []
    for instant, place in stays_of(moves, token.calendar).changes:
        shown = None if place is None else (place.cells, place.starts_at)
        if found and found[-1][0] == instant:
            found.pop()
        if not found or found[-1][1] != shown:
            found.append((instant, shown))
    return found


def _sentence(
    item: ApplicationItem, fact: Applied, place: Place | None, before: History, after: History
) -> str:
    if place is None:
        moved = f"goes on station {item.station_serial}"
    elif place.station_serial == item.station_serial:
        moved = f"stays on station {item.station_serial}"
    else:
        moved = f"moves from station {place.station_serial} to {item.station_serial}"
    moved += f" at {format_instant(fact.instant)}"
    if after.start is None:
        return f"{moved}; its term starts when the station reports that it is active"
    same = before.start is not None and before.start.instant == after.start.instant
    began = f"{moved}; its term {'runs' if same else 'starts'} from {format_instant(after.start.instant)}"
    if after.expiration_date is None:
        return f"{began}, for how long is not known yet"
    return f"{began} through {after.expiration_date.isoformat()}"


def _cautions(
    item: ApplicationItem, fact: Applied, place: Place | None, after: History, shown_at: int
) -> tuple[Caution, ...]:
    found = []
    if place is not None and place.station_serial != item.station_serial:
        found.append(Caution("moves", f"{item.token_serial} leaves station {place.station_serial}"))
    ends_at = after.stages[EXPIRED]
    if ends_at is not None and ends_at <= shown_at:
        found.append(
            Caution("expired", f"the term of {item.token_serial} ended at {format_instant(ends_at)}")
        )
    shown = after.span_at(shown_at)
    station = None if shown is None or shown.place is None else shown.place.station_serial
    if station != item.station_serial:
        where = "on no station" if station is None else f"on station {station}"
        found.append(Caution("superseded", f"later events have {item.token_serial} {where}"))
    return (*found, *future_caution(fact.instant, fact.time))


def _result(
    item: ApplicationItem,
    fact: Applied,
    reason: str | None,
    message: str,
    place: Place | None,
    after: History | None,
) -> ApplicationResult:
    start = None if after is None else after.start
    ends_on = None if after is None else after.expiration_date
    return ApplicationResult(
        token_serial=item.token_serial,
        reason=reason,
        message=message,
        station_serial=item.station_serial,
        station_name=item.station_name,
        evse_id=item.evse_id,
        applied_at=fact.instant,
        starts_at=item.starts_at,
        from_station_serial=None if place is None else place.station_serial,
        from_station_name=None if place is None else place.station_name,
        term_starts_at=None if start is None else start.instant,
        expiration_date=None if ends_on is None else ends_on.isoformat(),
    )
