"""Explanations of tokens from events, without any server."""

from collections.abc import Iterable

from lifecycle import replay
from lifecycle.calendar import Calendar
from lifecycle.explanation.evidence import Evidence
from lifecycle.explanation.token import Explanation, explain
from tests.events import Json
from tests.lifecycle.judges import parsed
from tests.reference.histories import ZONE
from tests.reference.instants import instant


def evidence_of(events: Iterable[Json], zone: str = ZONE) -> dict[str, Evidence]:
    """The evidence on every token that the events touch."""
    workspace, facts_of = replay.gathered(parsed(events))
    subjects = workspace.lines, workspace.shipments, workspace.stations
    calendar = Calendar(zone)
    return {serial: Evidence(serial, facts, *subjects, calendar) for serial, facts in facts_of.items()}


def explained(*events: Json, as_of: str = "2026-12-01T12:00:00Z") -> Explanation:
    """The explanation of T1 at an instant."""
    return explain(evidence_of(events)["T1"], instant(as_of))
