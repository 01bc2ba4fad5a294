"""Each anomaly in a sentence, with the facts that do not fit together."""

from collections.abc import Callable

from lifecycle.claims import claims_of
from lifecycle.explanation.evidence import Evidence
from lifecycle.explanation.term import start_because
from lifecycle.explanation.words import Because, Cited, cite_order, cite_own, day, instant, line_name
from lifecycle.facts import OrderVersion
from lifecycle.ownership import Refusal


def anomalies_because(evidence: Evidence) -> dict[str, Because]:
    """Why each of the token's anomalies is one, by its name."""
    return {name: _BECAUSE[name](evidence) for name in evidence.history.anomalies}


def refusal_sentence(evidence: Evidence, refusal: Refusal) -> str:
    """Why a transfer had no effect."""
    transfer = refusal.transfer
    at = instant(transfer.instant)
    if refusal.reason == "same_org":
        return f"The transfer at {at} is from {transfer.from_org_id} to itself."
    owner = evidence.owners_before(transfer)[-1]
    return (
        f"The transfer at {at} is from {transfer.from_org_id} to {transfer.to_org_id}, but {owner.org_id} owned the "
        "token then."
    )


def _activated_unapplied(evidence: Evidence) -> Because:
    start = evidence.history.start
    assert start is not None
    applied = {application.fact.station_serial for application in evidence.stays.applications}
    activations = [
        each
        for each in evidence.activations
        if each.instant == start.instant and each.station_serial not in applied
    ]
    stations = ", ".join(dict.fromkeys(each.station_serial for each in activations))
    sentence = (
        f"Station {stations} was activated with this token at {instant(start.instant)}, when the term started, but "
        "the token was never applied to it."
    )
    return Because(sentence, tuple(map(cite_own, activations)))


def _claimed_by_two_lines(evidence: Evidence) -> Because:
    line = evidence.claims.line
    assert line is not None
    names = [line_name(key) for key in sorted(evidence.naming)]
    sentence = (
        f"{', '.join(names[:-1])} and {names[-1]} name the token; it counts as one of {line_name(line.key)}: lines "
        "that are not cancelled go first, then those with an order, then the one named last."
    )
    chosen = evidence.naming[line.key][-1].cited
    others = (evidence.naming[key][-1].cited for key in sorted(evidence.naming) if key != line.key)
    return Because(sentence, (chosen, *others))


def _line_cancelled(evidence: Evidence) -> Because:
    line = evidence.claims.line
    assert line is not None
    kept = evidence.kept_by[0]
    sentence = (
        f"The order version in force of {line_name(line.key)} is cancelled; the token stays in the report because "
        "another fact in force names it."
    )
    return Because(sentence, tuple(dict.fromkeys((evidence.line_facts[0], kept))))


def _order_missing(evidence: Evidence) -> Because:
    line = evidence.claims.line
    if line is None:
        return Because("No order and no shipment in force names the token.", (evidence.kept_by[0],))
    sentence = (
        f"A shipment lists the token under {line_name(line.key)}, of which no order version is in force."
    )
    return Because(sentence, evidence.line_facts)


def _plan_changed_in_term(evidence: Evidence) -> Because:
    start = evidence.history.start
    assert start is not None
    then = claims_of(evidence.facts, evidence.lines, evidence.shipments, until=start.instant)
    now = evidence.claims
    assert then.line is not None
    assert then.version is not None
    assert now.line is not None
    assert now.version is not None
    sentence = (
        f"By the documents known when the term started, at {instant(start.instant)}, the plan was "
        f"{_plan(then.version)}; by all that are known it is {_plan(now.version)}."
    )
    return Because(sentence, (cite_order(now.line.key, now.version), cite_order(then.line.key, then.version)))


def _plan(version: OrderVersion) -> str:
    years = f"{version.term_years} year{'s' * (version.term_years != 1)}"
    return f"part {version.part_number}, {version.cloud_plan}, {years}"


def _shipment_missing(evidence: Evidence) -> Because:
    start = evidence.history.start
    facts: tuple[Cited, ...]
    if evidence.applications:
        first = evidence.applications[0]
        what, facts = f"was applied to a station at {instant(first.instant)}", (cite_own(first),)
    else:
        assert start is not None
        what = f"started its term at {instant(start.instant)}"
        facts = start_because(evidence, start).facts
    return Because(f"The token {what}, but no shipment in force lists it.", facts)


def _shipped_before_ordered(evidence: Evidence) -> Because:
    line, version, shipped = evidence.claims.line, evidence.claims.version, evidence.shipped
    assert line is not None
    assert version is not None
    assert shipped is not None
    sentence = f"The ship date, {day(shipped.version.ship_date)}, is before the order date, {day(version.order_date)}."
    return Because(sentence, (shipped.cited, cite_order(line.key, version)))


def _transfer_refused(evidence: Evidence) -> Because:
    refusals = evidence.history.refusals
    transfers = f"{len(refusals)} transfers" if len(refusals) > 1 else "A transfer"
    reasons = ", ".join(sorted({refusal.reason for refusal in refusals}))
    return Because(
        f"{transfers} had no effect: {reasons}.", tuple(cite_own(refusal.transfer) for refusal in refusals)
    )


_BECAUSE: dict[str, Callable[[Evidence], Because]] = {
    "activated_unapplied": _activated_unapplied,
    "claimed_by_two_lines": _claimed_by_two_lines,
    "line_cancelled": _line_cancelled,
    "order_missing": _order_missing,
    "plan_changed_in_term": _plan_changed_in_term,
    "shipment_missing": _shipment_missing,
    "shipped_before_ordered": _shipped_before_ordered,
    "transfer_refused": _transfer_refused,
}
