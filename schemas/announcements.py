"""The data of every event type that goes out, as frozen models.

What they say follows from events, so it may lie beyond the years that events are bound to: a term of 99 years
that starts in 2050 ends in 2149. Every field is always there; null says that there is none.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, PlainSerializer, PlainValidator, WithJsonSchema

from schemas.events import EventData
from schemas.instants import format_instant, parse_date, parse_instant
from schemas.text import INSTANT_SCHEMA, Identifier, Source, parsed

StatusName = Literal["New", "Available", "Active", "Expired"]

ReachedInstant = Annotated[
    int,
    PlainValidator(parsed(parse_instant)),
    PlainSerializer(format_instant, return_type=str, when_used="json"),
    WithJsonSchema(INSTANT_SCHEMA),
]
ReachedDate = Annotated[
    date,
    PlainValidator(parsed(parse_date)),
    PlainSerializer(date.isoformat, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}),
]


class Cause(EventData):
    """The event that a status changed by."""

    source: Source
    id: Identifier


class TokenStatusChanged(EventData):
    """A service token's status is another than the one announced last; null is that of a token in no report.

    `at` is when the new stage was reached, null where the token left the report otherwise than by its return.
    """

    token_serial: Identifier
    from_status: StatusName | None = Field(alias="from")
    to_status: StatusName | None = Field(alias="to")
    at: ReachedInstant | None
    cause: Cause | Literal["clock"]
    org_id: Identifier | None
    station_serial: Identifier | None


class TokenExpiring(EventData):
    """A service token's term ends in `days_left` days, at the midnight after its expiration date."""

    token_serial: Identifier
    expiration_date: ReachedDate
    expires_at: ReachedInstant
    days_left: Literal[90, 60, 30, 7]
    org_id: Identifier | None
    station_serial: Identifier | None
