"""The retractions of events, and the token's events that were retracted."""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from lifecycle.workspace import serials_of
from projections.explain.recorded import EventId, Recorded, naming
from projections.recorder import journal
from schemas.events import EventRetracted

if TYPE_CHECKING:
    from projections.query.database import Reader


async def retracted_ids(connection: "Reader", recorded: Sequence[Recorded]) -> set[EventId]:
    """Which of these events are retracted."""
    known = await journal.probe(connection, [each.event.identity for each in recorded])
    return {
        (each.event.source, each.event.id)
        for each in recorded
        if known[each.event.identity].retracted is not None
    }


async def retractions_of(connection: "Reader", targets: Collection[EventId]) -> dict[EventId, Recorded]:
    """The retraction of each event that has one: the earliest by `time`."""
    if not targets:
        return {}
    found: dict[EventId, Recorded] = {}
    subjects = [(journal.Kind.RETRACTED, journal.retracted_key(*target)) for target in targets]
    async for part in naming(connection, subjects):
        for each in part:
            data = each.event.data
            if type(data) is not EventRetracted:
                continue
            target = (data.event_source, data.event_id)
            if target in targets and (target not in found or _order(each) < _order(found[target])):
                found[target] = each
    return found


async def retracted_events_about(connection: "Reader", serial: str) -> dict[EventId, Recorded]:
    """The token's own events (no orders, no shipments) that were taken back."""
    found: dict[EventId, Recorded] = {}
    async for part in naming(connection, [(journal.Kind.TOKEN, serial)]):
        own = [each for each in part if serial in serials_of(each.event.data)]
        if own:
            retracted = await retracted_ids(connection, own)
            found.update(
                ((each.event.source, each.event.id), each)
                for each in own
                if (each.event.source, each.event.id) in retracted
            )
    return found


def _order(retraction: Recorded) -> tuple[int, str, str]:
    return retraction.event.time, retraction.event.source, retraction.event.id
