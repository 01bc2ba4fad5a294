"""What is announced to other services, and the service that says it."""

import msgspec


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
