"""Which rules a set of random histories brings together: so that a test can say that it leaves none out."""

from collections import Counter
from collections.abc import Iterable, Mapping

from tests.reference.rules import History

ALL_MEETINGS = {
    "order_missing",
    "shipment_missing",
    "line_cancelled",
    "activated_unapplied",
    "shipped_before_ordered",
    "transfer_refused",
    "claimed_by_two_lines",
    "plan_changed_in_term",
    "same_org",
    "not_owner",
    "new",
    "available",
    "active",
    "expired",
    "gone",
    "in no report",
    "several spans",
}
"""Every anomaly, reason and stage, and what else a token's history can come to."""


def met_by(histories: Iterable[Mapping[str, History]]) -> Counter[str]:
    """How many tokens have each of these."""
    met: Counter[str] = Counter()
    for each in histories:
        for history in each.values():
            met.update(history.anomalies)
            met.update({refusal.reason for refusal in history.refused_transfers})
            met.update(stage for stage, at in history.stages.instants().items() if at is not None)
            met.update(["in no report"] if history.stages.new is None else [])
            met.update(["several spans"] if len(history.spans()) > 2 else [])
    return met
