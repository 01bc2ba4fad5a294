"""Finds what is selected, in as many goes through the segments as it takes, and prints it, oldest first."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from lifecycle.recording import Message
from projections.journal_print.naming import (
    IsFrom,
    NamesOrder,
    NamesShipment,
    NamesStation,
    NamesToken,
    Naming,
)
from projections.journal_print.selection import Selection
from projections.journal_print.structured import structured
from projections.recorder.connection import count_in_microseconds
from projections.recorder.journal import Kind, retracted_key, subject_mark, unpack_segment
from projections.recorder.subjects import LINE
from schemas.envelope import Event, event_identity, parse
from schemas.events import EventRetracted

SEGMENTS_AT_ONCE = 4


async def printed(connection: Any, selection: Selection) -> AsyncIterator[bytes]:
    """The events asked for as lines without their newlines. The connection must be a fresh one, to read only."""
    await count_in_microseconds(connection)
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        namings = await _namings(connection, selection)
        if not namings:
            async for message in _messages(connection, *_recorded(selection)):
                if selection.is_in_place(message):
                    yield structured(message)
            return
        where, arguments = _marked(namings)
        retracted = await _retracted(connection, namings, where, arguments)
        marks = [subject_mark(Kind.RETRACTED, retracted_key(*target)) for target in retracted.values()]
        recorded, bounds = _recorded(selection, len(arguments) + 1)
        where = f"({where} or subjects && ${len(arguments) + 1}::integer[]) and {recorded}"
        async for message in _messages(connection, where, [*arguments, marks, *bounds]):
            if selection.is_in_place(message):
                event = _event(message)
                if _are_all_named(namings, event) or _target(event) in retracted:
                    yield structured(message)


async def _namings(connection: Any, selection: Selection) -> list[Naming]:
    namings: list[Naming] = []
    if selection.serial is not None:
        token = NamesToken(selection.serial)
        where, arguments = _marked([token])
        async for message in _messages(connection, where, arguments):
            token.tie(_event(message))
        namings.append(token)
    if selection.sales_order is not None:
        beginning = f"{selection.sales_order}\x1f"
        rows = await connection.fetch(
            "select key from subjects where kind = $1 and starts_with(key, $2)", LINE, beginning
        )
        lines = {key for (key,) in rows if selection.line in (None, key.removeprefix(beginning))}
        namings.append(NamesOrder(selection.sales_order, selection.line, lines))
    if selection.shipment is not None:
        namings.append(NamesShipment(selection.shipment))
    if selection.station is not None:
        namings.append(NamesStation(selection.station))
    if selection.source is not None or selection.id is not None:
        namings.append(IsFrom(selection.source, selection.id))
    return namings


async def _retracted(
    connection: Any, namings: Sequence[Naming], where: str, arguments: Sequence[Any]
) -> dict[bytes, tuple[str, str]]:
    """Of the events selected those that are taken back: identity to source and id."""
    found: dict[bytes, tuple[str, str]] = {}
    async for body in _bodies(connection, where, arguments):
        events = [_event(message) for message in unpack_segment(body)]
        selected = {each.identity: (each.source, each.id) for each in events if _are_all_named(namings, each)}
        rows = await connection.fetch(
            "select identity from events where identity = any($1::bytea[]) and retracted_at is not null",
            list(selected),
        )
        found.update((identity, selected[identity]) for (identity,) in rows)
    return found


def _are_all_named(namings: Sequence[Naming], event: Event) -> bool:
    return all(naming.names(event) for naming in namings)


def _target(event: Event) -> bytes | None:
    if type(event.data) is EventRetracted:
        return event_identity(event.data.event_source, event.data.event_id)
    return None


def _event(message: Message) -> Event:
    event = parse(message.value, message.headers)
    assert isinstance(event, Event), "only events that were understood are recorded"
    return event


def _marked(namings: Sequence[Naming]) -> tuple[str, list[Any]]:
    """A condition on segments and its arguments: those in which all namings may have something."""
    arguments: list[Any] = [marks for naming in namings if (marks := naming.marks()) is not None]
    conditions = [f"subjects && ${number}::integer[]" for number in range(1, len(arguments) + 1)]
    return f"({' and '.join(conditions) or 'true'})", arguments


def _recorded(selection: Selection, after: int = 0) -> tuple[str, list[Any]]:
    """A condition on segments and its arguments, numbered from the one after `after`."""
    bounds = ((">=", selection.recorded_from), ("<", selection.recorded_to))
    given = [(operator, bound) for operator, bound in bounds if bound is not None]
    conditions = [
        f"recorded_at {operator} ${number}" for number, (operator, _) in enumerate(given, start=after + 1)
    ]
    return " and ".join(conditions) or "true", [bound for _, bound in given]


async def _messages(connection: Any, where: str, arguments: Sequence[Any]) -> AsyncIterator[Message]:
    async for body in _bodies(connection, where, arguments):
        for message in unpack_segment(body):
            yield message


async def _bodies(connection: Any, where: str, arguments: Sequence[Any]) -> AsyncIterator[bytes]:
    async for (body,) in connection.cursor(
        f"select body from segments where {where} order by segment", *arguments, prefetch=SEGMENTS_AT_ONCE
    ):
        yield body
