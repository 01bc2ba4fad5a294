"""The two who say what the report shows: the service's fold, and the reference that computes it naively."""

from collections.abc import Iterable
from typing import Any, Protocol

from lifecycle import replay
from lifecycle.calendar import Calendar
from schemas.envelope import Event, parse
from tests.events import Json, encoded
from tests.reference import rules
from tests.reference.histories import ZONE
from tests.reference.instants import instant

Row = dict[str, Any]


class RowsOf(Protocol):
    """The report at an instant, from events as they are delivered: serial to row, absent where not in it."""

    def __call__(self, events: Iterable[Json], as_of: str, zone: str = ZONE) -> dict[str, Row]: ...


def parsed(events: Iterable[Json]) -> list[Event]:
    """The events as the service reads them from Kafka messages; an invalid one fails the test."""
    read = []
    for structured in events:
        event = parse(encoded(structured), [])
        assert isinstance(event, Event), f"{event} in {structured}"
        read.append(event)
    return read


def by_the_service(events: Iterable[Json], as_of: str, zone: str = ZONE) -> dict[str, Row]:
    return replay.rows_at(parsed(events), instant(as_of), Calendar(zone))


def by_the_reference(events: Iterable[Json], as_of: str, zone: str = ZONE) -> dict[str, Row]:
    return rules.rows_at(events, instant(as_of), zone)
