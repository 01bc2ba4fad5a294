"""The explanation of a token, with the events that it rests on as they were recorded."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lifecycle.explanation.evidence import Evidence
from lifecycle.explanation.token import Explanation, explain
from lifecycle.explanation.words import Cited, cite_order, cite_own, cite_shipment
from lifecycle.replay import gathered
from projections.explain.evidence import read_evidence
from projections.explain.history import facts_about
from projections.explain.recorded import BEGINNING, EventId, Recorded, by_id
from projections.explain.retractions import retracted_events_about, retractions_of
from projections.explain.unknown import UnknownToken
from projections.query.scope import Scope, is_in_scope

if TYPE_CHECKING:
    from projections.query.database import Reader

CORRECTIONS_SHOWN = 20
"""The latest ones; the history has all."""


@dataclass(frozen=True, slots=True)
class ExplainedToken:
    """An explanation at an instant (microseconds).

    `recorded` holds the events of all facts that it cites, `retracted` each of the token's facts that was taken
    back, with its retraction.
    """

    serial: str
    as_of: int
    explanation: Explanation
    corrections_left_out: int
    retracted: list[tuple[Cited, Recorded]]
    recorded: dict[EventId, Recorded]


async def explain_token(connection: "Reader", serial: str, as_of: int, scope: Scope) -> ExplainedToken:
    """The explanation at an instant (microseconds), of one snapshot. Raises `UnknownToken`."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        evidence = await read_evidence(connection, serial)
        owner = evidence.owner_at(as_of)
        if not is_in_scope(scope, None if owner is None else owner.org_id):
            raise UnknownToken(serial, is_in_journal=False)
        if not evidence.history.is_reported:
            raise UnknownToken(serial, bool(await facts_about(connection, evidence, BEGINNING, 1)))
        explanation = explain(evidence, as_of)
        left_out = max(len(explanation.corrections) - CORRECTIONS_SHOWN, 0)
        explanation = explanation._replace(corrections=explanation.corrections[:CORRECTIONS_SHOWN])
        taken_back = _retracted_documents(evidence)
        own = await retracted_events_about(connection, serial)
        taken_back.update((each, _as_fact(serial, recorded)) for each, recorded in own.items())
        retractions = await retractions_of(connection, taken_back)
        retracted = [(cited, retractions[each]) for each, cited in taken_back.items() if each in retractions]
        cited = [*_cited(explanation), *(each for each, _ in retracted)]
        recorded = await by_id(connection, {(each.source, each.id) for each in cited})
    retracted.sort(key=lambda each: each[1].place)
    return ExplainedToken(serial, as_of, explanation, left_out, retracted, recorded)


def _retracted_documents(evidence: Evidence) -> dict[EventId, Cited]:
    """The versions of the token's lines and shipments that were taken back."""
    found: dict[EventId, Cited] = {}
    for key in evidence.line_keys:
        for version in evidence.lines[key].versions:
            if version.retracted is not None:
                found[version.source, version.id] = cite_order(key, version)
    for key in evidence.facts.shipments:
        for each in evidence.shipments[key].versions:
            if each.retracted is not None:
                found[each.source, each.id] = cite_shipment(key, each)
    return found


def _as_fact(serial: str, recorded: Recorded) -> Cited:
    """What an event of the token's own said, though its facts hold it no longer."""
    _, facts_of = gathered([recorded.event])
    return cite_own(facts_of[serial].own[0])


def _cited(explanation: Explanation) -> list[Cited]:
    """Every fact that an explanation names, in the order in which it does."""
    becauses = (explanation.status.because, *explanation.cells.values(), *explanation.anomalies.values())
    found = [fact for because in becauses for fact in because.facts]
    found.extend(refused.transfer for refused in explanation.refused_transfers)
    for correction in explanation.corrections:
        found.extend((correction.replaced, correction.replaced_by))
    return list(dict.fromkeys(found))


def cited_facts(token: ExplainedToken) -> list[Cited]:
    """Every fact that the explanation cites, each once; they are numbered from 1 in this order."""
    cited = [*_cited(token.explanation), *(each for each, _ in token.retracted)]
    return list(dict.fromkeys(cited))
