"""Changes of status to announce: found when a row is written, stored as one row a transaction."""

from typing import Any

import msgspec

from lifecycle.fold import History
from lifecycle.stages import STAGES, Status, stage_at
from schemas.envelope import Event

STATUSES: tuple[Status, ...] = tuple(Status)
_encode = msgspec.msgpack.Encoder().encode


class Announcement(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One change of a token's status; `at` in microseconds. Source and id are the cause's, None for the clock."""

    token_serial: str
    sequence: int
    from_status: str | None
    to_status: str | None
    at: int | None
    source: str | None
    id: str | None
    org_id: str | None
    station_serial: str | None


def announcement(
    serial: str, history: History, announced: int | None, sequence: int, cause: Event, now: int
) -> tuple[int | None, Announcement | None]:
    """The status to remember as announced, and what to say where it differs from the one before."""
    index = stage_at(history.stages, now)
    status = None if index is None else STAGES[index].status
    reached = None if status is None else STATUSES.index(status)
    if reached == announced:
        return announced, None
    span = history.span_at(now)
    return reached, Announcement(
        serial,
        sequence + 1,
        None if announced is None else STATUSES[announced].value,
        None if status is None else status.value,
        None if index is None else history.stages[index],
        cause.source,
        cause.id,
        None if span is None or span.owner is None else span.owner.org_id,
        None if span is None or span.place is None else span.place.station_serial,
    )


async def store(connection: Any, announcements: list[Announcement]) -> None:
    """Put a transaction's announcements in the outbox."""
    if announcements:
        await connection.execute("insert into outbox (body) values ($1)", _encode(announcements))
