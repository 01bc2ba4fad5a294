"""The data of every event type that comes in, as frozen models: the contract's fields, of the kinds in
`schemas.text`.

Unknown fields are ignored here (the journal keeps the message whole). An optional field that is absent, null
or "" is None; `cancelled` is then False. Models are made by validating JSON data: texts in, and in the model
an instant is an `int` of microseconds since 1970 in UTC, a date a `datetime.date`, an array a tuple.
"""

from operator import attrgetter
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, FailFast, Field, Strict

from schemas.once import SERIALS_MAX, each_line_once, each_serial_once
from schemas.text import (
    Date,
    Flag,
    Identifier,
    Instant,
    OptionalIdentifier,
    OptionalInstant,
    OptionalQuantity,
    OptionalRevision,
    OptionalText,
    Source,
    TermYears,
    Text,
)

# The first wrong element ends the reading of an array: a message of 4 MiB could hold a million of them. The
# array itself is taken loosely, since a strict tuple refuses the list that JSON gives.
SerialsIfKnown = Annotated[
    tuple[Identifier, ...],
    Strict(False),
    FailFast(),
    Field(max_length=SERIALS_MAX, json_schema_extra={"uniqueItems": True}),
]
Serials = Annotated[SerialsIfKnown, Field(min_length=1), AfterValidator(each_serial_once)]


class EventData(BaseModel):
    """What all data has in common: values are taken as they are, and never change."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")


class OrderPlacedLine(EventData):
    """One line of an order: what was bought, and its service tokens if the ERP knows them by then."""

    line: Identifier
    part_number: Text
    cloud_plan: Text
    description: OptionalText = None
    term_years: TermYears
    token_type: Text
    quantity: OptionalQuantity = None
    cancelled: Flag = False
    token_serials: SerialsIfKnown


class OrderPlaced(EventData):
    """An order as it was placed or changed. It says nothing about a line that it leaves out."""

    sales_order: Identifier
    revision: OptionalRevision = None
    purchase_order: OptionalText = None
    customer_reference: OptionalText = None
    customer_id: Identifier
    customer_name: Text
    org_id: Identifier
    org_name: Text
    order_date: Date
    lines: Annotated[
        tuple[OrderPlacedLine, ...],
        Strict(False),
        FailFast(),
        Field(min_length=1),
        AfterValidator(each_line_once(attrgetter("line"))),
    ]


class OrderShippedLine(EventData):
    """What a delivery holds of one line of an order."""

    sales_order: Identifier
    line: Identifier
    token_serials: SerialsIfKnown


class OrderShipped(EventData):
    """A delivery as it was sent or corrected, whole."""

    shipment: Identifier
    revision: OptionalRevision = None
    ship_date: Date
    lines: Annotated[
        tuple[OrderShippedLine, ...],
        Strict(False),
        FailFast(),
        Field(min_length=1),
        AfterValidator(each_line_once(attrgetter("sales_order", "line"))),
    ]


class TokenReturned(EventData):
    """Service tokens given back: from `returned_at` on they are in no report."""

    token_serials: Serials
    returned_at: Instant
    reason: OptionalText = None


class TokenApplied(EventData):
    """A service token put to a station at `applied_at`; its term starts no earlier than `starts_at`."""

    token_serial: Identifier
    station_serial: Identifier
    station_name: OptionalText = None
    evse_id: OptionalIdentifier = None
    applied_at: Instant
    starts_at: OptionalInstant = None


class TokenUnapplied(EventData):
    """A service token taken from its station; the term runs on."""

    token_serial: Identifier
    unapplied_at: Instant
    station_serial: OptionalIdentifier = None


class StationActivated(EventData):
    """A station in service, as it reports at every boot; some firmware names the service token."""

    station_serial: Identifier
    activated_at: Instant
    token_serial: OptionalIdentifier = None


class TokenTransferred(EventData):
    """Service tokens passed from one organization to another."""

    token_serials: Serials
    from_org_id: Identifier
    to_org_id: Identifier
    to_org_name: Text
    transferred_at: Instant


class EventRetracted(EventData):
    """One event taken back, known by the source and id of its envelope, whichever of the two comes first."""

    event_source: Source
    event_id: Identifier
    reason: Text
