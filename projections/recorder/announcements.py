"""What is to be said: changes of status and expiring notices, packed into one outbox row a transaction."""

from typing import Any

import msgspec

from lifecycle.announcing import Expiring, StatusChanged
from lifecycle.fold import History
from lifecycle.stages import STAGES, Status, stage_at
from schemas.envelope import Event

STATUSES: tuple[Status, ...] = tuple(Status)
NUMBERS = tuple(None if stage.status is None else STATUSES.index(stage.status) for stage in STAGES)
"""The status of each stage as it is stored, None for the one that leaves the report."""

pack = msgspec.msgpack.Encoder().encode


def status_changed(
    serial: str, history: History, announced: int | None, sequence: int, cause: Event | None, now: int
) -> tuple[int | None, StatusChanged | None]:
    """The number of the status to remember as announced, and what to say where it is another than before.

    `cause` is the event that brought the change, None where time alone did.
    """
    index = stage_at(history.stages, now)
    reached = None if index is None else NUMBERS[index]
    if reached == announced:
        return announced, None
    org_id, station_serial = _whereabouts(history, now)
    return reached, StatusChanged(
        serial,
        sequence + 1,
        None if announced is None else STATUSES[announced].value,
        None if reached is None else STATUSES[reached].value,
        None if index is None else history.stages[index],
        None if cause is None else cause.source,
        None if cause is None else cause.id,
        org_id,
        station_serial,
    )


def expiring(serial: str, history: History, expires_at: int, days_left: int, now: int) -> Expiring:
    """The notice of a term that ends in so many days."""
    assert history.expiration_date is not None
    org_id, station_serial = _whereabouts(history, now)
    return Expiring(
        serial, history.expiration_date.toordinal(), expires_at, days_left, org_id, station_serial
    )


def _whereabouts(history: History, now: int) -> tuple[str | None, str | None]:
    span = history.span_at(now)
    if span is None:
        return None, None
    org_id = None if span.owner is None else span.owner.org_id
    return org_id, None if span.place is None else span.place.station_serial


async def store(connection: Any, packed: bytes | None) -> None:
    """Put a transaction's announcements in the outbox, if there are any."""
    if packed is not None:
        await connection.execute("insert into outbox (body) values ($1)", packed)
