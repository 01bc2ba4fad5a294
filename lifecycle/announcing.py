"""What is announced to other services: packed in the outbox, sent as CloudEvents."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple, Protocol

import msgspec
import orjson

from native import compiled
from schemas.instants import format_instant
from schemas.topics import OUTPUT_EVENT_TYPES

SOURCE = "urn:servicetokens"
STATUS_CHANGED = "servicetokens.token.status_changed.v1"
EXPIRING = "servicetokens.token.expiring.v1"
_CHANGES = STATUS_CHANGED, OUTPUT_EVENT_TYPES[STATUS_CHANGED].topic
_NOTICES = EXPIRING, OUTPUT_EVENT_TYPES[EXPIRING].topic


class StatusChanged(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=0):
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


class Expiring(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=1):
    """A notice that a term ends: the expiration date as an ordinal, the end in microseconds."""

    token_serial: str
    expiration_date: int
    expires_at: int
    days_left: int
    org_id: str | None
    station_serial: str | None


Announcement = StatusChanged | Expiring


unpack_announcements = msgspec.msgpack.Decoder(list[Announcement]).decode


class Entry(NamedTuple):
    """What one transaction left to be said, packed as a list of announcements; `recorded_at` in microseconds."""

    entry: int
    recorded_at: int
    packed: bytes


class Outbox(Protocol):
    """Where announcements wait until the broker has acknowledged them. All calls raise `Unavailable`."""

    async def lead(self) -> bool:
        """Whether this process is the one that announces; another is asked again later."""

    async def tick(self) -> int:
        """Put in what time alone has brought; gives the number of tokens looked at."""

    async def pending(self) -> list[Entry]:
        """The oldest entries, in order."""

    async def delete(self, entries: Sequence[Entry]) -> None:
        """Take out what the broker has."""

    async def close(self) -> None:
        """Let go of the database, and of the lead."""


Said = tuple[str, bytes, bytes]
"""The bare name of a topic, the key and the value of a message."""


def messages_in_python(packed: bytes, recorded_at: int) -> list[Said]:
    """The messages of an entry, in order."""
    said = []
    for announcement in unpack_announcements(packed):
        topic, event = cloud_event(announcement, recorded_at)
        said.append((topic, announcement.token_serial.encode(), orjson.dumps(event)))
    return said


def messages(packed: bytes, recorded_at: int) -> list[Said]:
    """The messages of an entry, in order: by the compiled twin, where there is one."""
    if compiled is None:
        return messages_in_python(packed, recorded_at)
    said: list[Said] = compiled.announcements(packed, recorded_at, SOURCE, (_CHANGES, _NOTICES))
    return said


def cloud_event(announcement: Announcement, recorded_at: int) -> tuple[str, dict[str, Any]]:
    """The topic of an announcement, and its event in structured form. Equal announcements have equal ids."""
    if isinstance(announcement, StatusChanged):
        event_type = STATUS_CHANGED
        event_id = f"{announcement.token_serial}/{announcement.sequence}"
        data: dict[str, Any] = {
            "token_serial": announcement.token_serial,
            "from": announcement.from_status,
            "to": announcement.to_status,
            "at": None if announcement.at is None else format_instant(announcement.at),
            "cause": (
                "clock"
                if announcement.source is None
                else {"source": announcement.source, "id": announcement.id}
            ),
        }
    else:
        event_type = EXPIRING
        expires_at = format_instant(announcement.expires_at)
        event_id = f"{announcement.token_serial}/{announcement.days_left}/{expires_at}"
        data = {
            "token_serial": announcement.token_serial,
            "expiration_date": date.fromordinal(announcement.expiration_date).isoformat(),
            "expires_at": expires_at,
            "days_left": announcement.days_left,
        }
    data["org_id"] = announcement.org_id
    data["station_serial"] = announcement.station_serial
    return OUTPUT_EVENT_TYPES[event_type].topic, {
        "specversion": "1.0",
        "id": event_id,
        "source": SOURCE,
        "type": event_type,
        "time": format_instant(recorded_at),
        "datacontenttype": "application/json",
        "data": data,
    }
