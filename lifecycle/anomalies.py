"""What does not add up: a closed list, of all that is known, whatever the instant asked about."""

from collections.abc import Mapping, Sequence

from lifecycle.claims import Claims, claims_of
from lifecycle.facts import Activated, TokenFacts
from lifecycle.ownership import Ownership
from lifecycle.places import Stays
from lifecycle.subjects import Line, Plan, Shipment, plan_of
from lifecycle.term import Term

ANOMALIES: dict[str, str] = {
    "activated_unapplied": (
        "at the term's start an activation named the token at a station to which it was never applied"
    ),
    "claimed_by_two_lines": "more than one order line names the token",
    "line_cancelled": "the order line in force is cancelled",
    "order_missing": "no order is known for the token's line",
    "plan_changed_in_term": "part number, plan or term differ from those known when the term started",
    "shipment_missing": "the token was applied or started, and no shipment lists it",
    "shipped_before_ordered": "the ship date is before the order date",
    "transfer_refused": "a transfer had no effect",
}
"""Every anomaly that a report can show, in the order in which it shows them, and what each one means."""


def anomalies_of(
    facts: TokenFacts,
    claims: Claims,
    stays: Stays,
    term: Term,
    activations: Sequence[Activated],
    ownership: Ownership,
    lines: Mapping[str, Line],
    shipments: Mapping[str, Shipment],
) -> tuple[str, ...]:
    """The anomalies of one token, sorted."""
    version = claims.version
    found: list[str] = []
    if (
        activations
        and term.start is not None
        and _is_activated_unapplied(term.start.instant, stays, activations)
    ):
        found.append("activated_unapplied")
    if claims.lines_claiming > 1:
        found.append("claimed_by_two_lines")
    if version is None:
        found.append("order_missing")
    else:
        if version.cancelled:
            found.append("line_cancelled")
        if claims.shipment is not None and claims.shipment.ship_date < version.order_date:
            found.append("shipped_before_ordered")
        if term.start is not None and _is_plan_changed(facts, claims, term.start.instant, lines, shipments):
            found.append("plan_changed_in_term")
    if claims.shipment is None and (stays.first_applied_at is not None or term.start is not None):
        found.append("shipment_missing")
    if ownership.refusals:
        found.append("transfer_refused")
    found.sort()
    return tuple(found)


def _is_activated_unapplied(start_at: int, stays: Stays, activations: Sequence[Activated]) -> bool:
    stations = {application.fact.station_serial for application in stays.applications}
    return any(each.instant == start_at and each.station_serial not in stations for each in activations)


def _is_plan_changed(
    facts: TokenFacts,
    claims: Claims,
    start_at: int,
    lines: Mapping[str, Line],
    shipments: Mapping[str, Shipment],
) -> bool:
    """Compare with what the events of `time` up to the start alone would have made the token's plan."""
    assert claims.line is not None
    assert claims.version is not None
    plans: set[Plan] = set(claims.line.plans)
    for key in facts.lines:
        plans |= lines[key].plans
    for listings in facts.shipments.values():
        for under in listings.values():
            plans |= lines[under].plans
    if len(plans) == 1:
        return False
    then = claims_of(facts, lines, shipments, until=start_at).version
    return then is not None and plan_of(then) != plan_of(claims.version)
