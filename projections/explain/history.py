"""Every recorded fact about a token, whether it counts or not, in the order in which they were recorded."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from lifecycle.explanation.evidence import Evidence
from lifecycle.explanation.standing import Standing, standings_of
from projections.explain.cursor import HistoryCursor
from projections.explain.evidence import read_evidence
from projections.explain.excerpt import excerpt_of
from projections.explain.recorded import BEGINNING, EventId, Place, Recorded, naming
from projections.explain.retractions import retracted_ids, retractions_of
from projections.explain.unknown import UnknownToken
from projections.query.scope import Scope, is_in_scope
from projections.recorder.journal import Kind
from schemas.events import EventRetracted

if TYPE_CHECKING:
    from projections.query.database import Reader


@dataclass(frozen=True, slots=True)
class HistoryRequest:
    """Which page: `limit` events at most, those that come `after` a place in the journal.

    `now` (microseconds) is when the token must be in scope.
    """

    serial: str
    scope: Scope
    now: int
    limit: int
    after: Place = BEGINNING


async def read_history(connection: "Reader", request: HistoryRequest) -> dict[str, object]:
    """The page as the API gives it, of one snapshot. Raises `UnknownToken` where nothing names the token."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        evidence = await read_evidence(connection, request.serial)
        owner = evidence.owner_at(request.now)
        if not is_in_scope(request.scope, None if owner is None else owner.org_id):
            raise UnknownToken(request.serial, is_in_journal=False)
        # One more than asked for tells whether there is a next page.
        facts = await facts_about(connection, evidence, request.after, request.limit + 1)
        if not facts and request.after == BEGINNING:
            raise UnknownToken(request.serial, is_in_journal=False)
        shown = facts[: request.limit]
        retracted = {fact.id for fact in shown if fact.is_retracted}
        retractions = await retractions_of(connection, retracted)
    last = HistoryCursor(request.serial).encode(shown[-1].place) if len(facts) > request.limit else None
    return {
        "token_serial": request.serial,
        "facts": [fact.as_json(retractions.get(fact.id)) for fact in shown],
        "next": last,
    }


@dataclass(frozen=True, slots=True)
class RecordedFact:
    """An event and what it says of the token; `data` is the JSON of what it holds of it."""

    place: Place
    id: EventId
    origin: dict[str, object]
    data: bytes
    standings: tuple[Standing, ...]
    is_retracted: bool

    def as_json(self, retraction: Recorded | None) -> dict[str, object]:
        """The fact as the API shows it; `retraction` is the event that took it back."""
        shown: dict[str, object] = {**self.origin, "data": orjson.Fragment(self.data)}
        shown["says"] = [_shown(standing) for standing in self.standings]
        if retraction is not None:
            assert isinstance(retraction.event.data, EventRetracted)
            shown["retracted_by"] = {**retraction.as_json(), "reason": retraction.event.data.reason}
        return shown


async def facts_about(
    connection: "Reader", evidence: Evidence, after: Place, limit: int
) -> list[RecordedFact]:
    """The first `limit` events after a place that say something of the token."""
    subjects = [
        (Kind.TOKEN, evidence.serial),
        *((Kind.LINE, key) for key in evidence.line_keys),
        *((Kind.SHIPMENT, key) for key in evidence.facts.shipments),
        *((Kind.STATION, key) for key in evidence.station_serials),
    ]
    found: list[RecordedFact] = []
    async for part in naming(connection, subjects, after):
        retracted = await retracted_ids(connection, part)
        for recorded in part:
            event_id = (recorded.event.source, recorded.event.id)
            standings = standings_of(evidence, recorded.event, event_id in retracted)
            if standings:
                data = excerpt_of(recorded.message, recorded.event, evidence.serial, evidence.line_keys)
                found.append(
                    RecordedFact(
                        recorded.place,
                        event_id,
                        recorded.as_json(),
                        orjson.dumps(data),
                        standings,
                        event_id in retracted,
                    )
                )
            if len(found) == limit:
                return found
    return found


def _shown(standing: Standing) -> dict[str, object]:
    shown: dict[str, object] = {
        "about": standing.about,
        "state": standing.state,
        "sentence": standing.sentence,
    }
    if standing.by is not None:
        shown["by"] = {"source": standing.by.source, "id": standing.by.id, "says": standing.by.says}
    if standing.reason is not None:
        shown["reason"] = standing.reason
    return shown
