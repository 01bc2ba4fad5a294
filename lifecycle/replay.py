"""The whole path in memory, without any server: a set of events to the rows that they lead to."""

from collections.abc import Iterable

from lifecycle.calendar import Calendar
from lifecycle.cells import row_at
from lifecycle.facts import TokenFacts
from lifecycle.fold import History, fold
from lifecycle.workspace import Workspace, changed, subject_keys
from schemas.envelope import Event
from schemas.events import EventRetracted


def gathered(events: Iterable[Event]) -> tuple[Workspace, dict[str, TokenFacts]]:
    """The subjects, and the facts of every token, that the events touch. Of one id, the first event counts."""
    known: dict[bytes, Event] = {}
    for event in events:
        known.setdefault(event.identity, event)
    retracted: dict[tuple[str, str], int] = {}
    for event in known.values():
        if type(event.data) is EventRetracted:
            target = (event.data.event_source, event.data.event_id)
            retracted[target] = min(event.time, retracted.get(target, event.time))
    workspace = Workspace()
    workspace.add_missing(subject_keys(known.values()))
    for event in known.values():
        workspace.apply(event, retracted.get((event.source, event.id)))
    facts_of: dict[str, TokenFacts] = {}
    for serial, changes in workspace.changes.items():
        facts_of[serial] = facts = TokenFacts([], {}, {})
        changed(facts, changes)
    return workspace, facts_of


def histories(events: Iterable[Event], calendar: Calendar) -> dict[str, History]:
    """The history of every token that the events touch."""
    workspace, facts_of = gathered(events)
    return {
        serial: fold(facts, workspace.lines, workspace.shipments, workspace.stations, calendar)
        for serial, facts in facts_of.items()
    }


def rows_at(events: Iterable[Event], as_of: int, calendar: Calendar) -> dict[str, dict[str, object]]:
    """The report at an instant (microseconds): serial to row, tokens that are in no report then left out."""
    rows = {serial: row_at(serial, history, as_of) for serial, history in histories(events, calendar).items()}
    return {serial: row for serial, row in rows.items() if row is not None}
