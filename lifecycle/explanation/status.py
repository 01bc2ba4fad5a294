"""The rule that decided a status."""

from datetime import date

from lifecycle.calendar import Calendar
from lifecycle.explanation.evidence import Evidence
from lifecycle.explanation.term import end_facts, end_sentence, start_because
from lifecycle.explanation.words import (
    Because,
    Cited,
    cite_own,
    day,
    instant,
)
from lifecycle.facts import OrderVersion
from lifecycle.stages import ACTIVE, AVAILABLE, EXPIRED, NEW, stage_at


def status_because(evidence: Evidence, at: int) -> Because:
    """The fact and the rule that brought the token to its stage at an instant."""
    stages = evidence.history.stages
    stage = stage_at(stages, at)
    if stage is None or stage == NEW:
        known_at, because = _first_known(evidence)
        if stage is None:
            return Because(f"In no report before {instant(known_at)}. {because.sentence}", because.facts)
        return because
    if stage == AVAILABLE:
        return _available(evidence)
    start = evidence.history.start
    if stage == ACTIVE:
        assert start is not None
        return start_because(evidence, start)
    if stage == EXPIRED:
        ended = stages[EXPIRED]
        assert ended is not None
        return Because(f"The term ended at {instant(ended)}. {end_sentence(evidence)}", end_facts(evidence))
    first = min(evidence.returns, key=lambda fact: fact.instant)
    return Because(f"Returned at {instant(first.instant)}, and in no report since.", (cite_own(first),))


def _first_known(evidence: Evidence) -> tuple[int, Because]:
    """The earliest instant in the facts that name the token, and the fact that holds it."""
    found: list[tuple[int, str, tuple[Cited, ...]]] = []
    for fact in evidence.own:
        cited = (cite_own(fact),)
        found.append((fact.instant, "the instant that the event tells of", cited))
        found.append((fact.time, "the `time` of the event", cited))
    for key in evidence.facts.lines:
        for naming in evidence.naming.get(key, ()):
            if naming.version is not None:
                found.extend(_of_order(naming.version, (naming.cited,), evidence.calendar))
    for shipped in evidence.deliveries:
        cited = (shipped.cited,)
        found.append((shipped.version.time, "the `time` of the event", cited))
        midnight = f"the midnight of the ship date {day(shipped.version.ship_date)}"
        found.append((shipped.midnight, midnight, cited))
    line, version = evidence.claims.line, evidence.claims.version
    if line is not None and version is not None:
        found.append(_of_order(version, evidence.line_facts, evidence.calendar)[1])
    moment, what, facts = min(found, key=lambda each: (each[0], each[2]))
    return moment, Because(f"Known since {instant(moment)}, {what}: nothing earlier names the token.", facts)


def _of_order(
    version: OrderVersion, facts: tuple[Cited, ...], calendar: Calendar
) -> list[tuple[int, str, tuple[Cited, ...]]]:
    midnight = calendar.midnight(date.fromordinal(version.order_date))
    return [
        (version.time, "the `time` of the event", facts),
        (midnight, f"the midnight of the order date {day(version.order_date)}", facts),
    ]


def _available(evidence: Evidence) -> Because:
    available_at = evidence.history.stages[AVAILABLE]
    assert available_at is not None
    shipped = evidence.shipped
    if shipped is not None and shipped.midnight == available_at:
        sentence = (
            f"It was shipped on {day(shipped.version.ship_date)}, which in {evidence.calendar.zone_name} began at "
            f"{instant(shipped.midnight)}."
        )
        return Because(sentence, (shipped.cited,))
    first = evidence.applications[0]
    sentence = f"It was first applied to a station at {instant(first.instant)}, before any shipment of it."
    return Because(sentence, (cite_own(first),))
