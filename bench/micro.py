"""The pure parts of the write path, one after the other over the whole set, in this process."""

import gc
import time
from collections.abc import Callable
from typing import TypeVar

import orjson
from rich.console import Console
from rich.table import Table

from bench.event_set import EventSet
from lifecycle.calendar import Calendar
from lifecycle.facts import TokenFacts, pack, unpack_token
from lifecycle.fold import History, fold
from lifecycle.workspace import Workspace, changed, subject_keys
from projections.recorder.tokens import rows_of
from schemas.envelope import Event, parse

ZONE = "America/Los_Angeles"
HEADERS = (("content-type", b"application/cloudevents+json"),)
_Result = TypeVar("_Result")


class _Parts:
    def __init__(self) -> None:
        self.table = Table("part", "µs", "each")

    def time(self, title: str, each: str, count: int, part: Callable[[], _Result]) -> _Result:
        started = time.perf_counter()
        result = part()
        microseconds = (time.perf_counter() - started) / count * 1e6
        self.table.add_row(title, f"{microseconds:.2f}", each)
        return result


def measure_parts(console: Console, events: EventSet) -> None:
    """Print what each part costs. It holds all events at once: about 1.5 KB each."""
    gc.disable()  # what is measured is the part, not the collector's walks over everything kept here
    parts = _Parts()
    lines = list(events.lines())
    parts.time("orjson.loads alone", "message", len(lines), lambda: [orjson.loads(line) for line in lines])
    parsed = parts.time("parse", "message", len(lines), lambda: [parse(line, HEADERS) for line in lines])
    known: dict[bytes, Event] = {}
    for event in parsed:
        assert isinstance(event, Event)
        known.setdefault(event.identity, event)
    fresh = list(known.values())

    workspace = Workspace()
    keys = parts.time("subject keys", "event", len(fresh), lambda: subject_keys(fresh))
    workspace.add_missing(keys)
    parts.time("workspace", "event", len(fresh), lambda: _apply(workspace, fresh))

    tokens = len(workspace.changes)
    facts = parts.time("changes into facts", "token", tokens, lambda: _facts(workspace))
    packed = parts.time(
        "pack facts", "token", tokens, lambda: {serial: pack(each) for serial, each in facts.items()}
    )
    parts.time("unpack facts", "token", tokens, lambda: [unpack_token(each) for each in packed.values()])
    histories = parts.time("fold", "token", tokens, lambda: _histories(workspace, facts))
    parts.time(
        "rows", "token", tokens, lambda: [rows_of(serial, history) for serial, history in histories.items()]
    )
    console.print(parts.table)


def _apply(workspace: Workspace, events: list[Event]) -> None:
    for event in events:
        workspace.apply(event)


def _facts(workspace: Workspace) -> dict[str, TokenFacts]:
    facts = {}
    for serial, changes in workspace.changes.items():
        facts[serial] = TokenFacts([], {}, {})
        changed(facts[serial], changes)
    return facts


def _histories(workspace: Workspace, facts: dict[str, TokenFacts]) -> dict[str, History]:
    calendar = Calendar(ZONE)
    lines, shipments, stations = workspace.lines, workspace.shipments, workspace.stations
    return {serial: fold(each, lines, shipments, stations, calendar) for serial, each in facts.items()}
