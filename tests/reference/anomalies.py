"""Rule 8: what is missing or does not fit, of all that is known."""

import datetime
from collections.abc import Sequence

from tests.reference.facts import Applied, OrderVersion
from tests.reference.known import Known
from tests.reference.lines import Claim, claims
from tests.reference.owner import Ownership


def anomalies(
    known: Known,
    serial: str,
    *,
    all_claims: Sequence[Claim],
    shipped: datetime.date | None,
    start: int | None,
    owners: Ownership,
) -> list[str]:
    """The sorted names; `all_claims` the token's line first, `start` of its term in microseconds."""
    order = all_claims[0].order if all_claims else None
    applications = [fact for fact in known.standing(known.moves.get(serial, ())) if isinstance(fact, Applied)]
    stations_applied = {fact.station for fact in applications}
    holds = {
        # A token without any line has no order version in force either.
        "order_missing": order is None,
        "shipment_missing": shipped is None and (bool(applications) or start is not None),
        "line_cancelled": order is not None and order.cancelled,
        "activated_unapplied": any(
            fact.at == start and fact.station not in stations_applied
            for fact in known.standing(known.activations_naming.get(serial, ()))
        ),
        "shipped_before_ordered": shipped is not None and order is not None and shipped < order.order_date,
        "transfer_refused": bool(owners.refused),
        # A cancelled line that still lists the serial claims it too.
        "claimed_by_two_lines": len(all_claims) > 1,
        "plan_changed_in_term": start is not None and _plan_changed(known, serial, start, order),
    }
    return sorted(name for name, is_so in holds.items() if is_so)


def _plan_changed(known: Known, serial: str, start: int, now: OrderVersion | None) -> bool:
    claims_then = claims(known, serial, start)
    then = claims_then[0].order if claims_then else None
    if then is None or now is None:
        return False
    plan_then = (then.part_number, then.cloud_plan, then.term_years)
    return plan_then != (now.part_number, now.cloud_plan, now.term_years)
