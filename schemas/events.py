"""The data of every event type that comes in, as frozen models: the contract's names, the rules of `schemas.text`.

Unknown fields are ignored here (the journal keeps the message whole). An optional field that is absent, null or "" is
None; `cancelled` is then False. Models are made by validating JSON data; instants are `int` microseconds in them.
"""

from collections.abc import Sequence
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, FailFast, Field, Strict
from pydantic_core import PydanticCustomError

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

SERIALS_MAX = 10_000


class EventData(BaseModel):
    """What all data has in common: values are taken as they are, and never change."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")


def _broken(rule: str, at: str) -> PydanticCustomError:
    """`at` is the JSON pointer from the validated field on."""
    return PydanticCustomError("across_fields", "{rule}", {"rule": rule, "at": at})


def _each_serial_once(serials: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(serials)) < len(serials):
        seen: set[str] = set()
        for index, serial in enumerate(serials):
            if serial in seen:
                raise _broken("repeated_serial", f"/{index}")
            seen.add(serial)
    return serials


def _each_serial_once_across(lines: Sequence["OrderPlacedLine | OrderShippedLine"]) -> None:
    serials = [serial for line in lines for serial in line.token_serials]
    if len(serials) > SERIALS_MAX:
        raise _broken("too_many_serials", "")
    if len(set(serials)) < len(serials):
        seen: set[str] = set()
        for index, line in enumerate(lines):
            for position, serial in enumerate(line.token_serials):
                if serial in seen:
                    raise _broken("repeated_serial", f"/{index}/token_serials/{position}")
                seen.add(serial)


def _each_line_once(names: Sequence[object]) -> None:
    if len(set(names)) < len(names):
        repeated = next(index for index, name in enumerate(names) if name in names[:index])
        raise _broken("repeated_line", f"/{repeated}/line")


def _order_lines(lines: tuple["OrderPlacedLine", ...]) -> tuple["OrderPlacedLine", ...]:
    _each_line_once([line.line for line in lines])
    _each_serial_once_across(lines)
    return lines


def _shipment_lines(lines: tuple["OrderShippedLine", ...]) -> tuple["OrderShippedLine", ...]:
    _each_line_once([(line.sales_order, line.line) for line in lines])
    _each_serial_once_across(lines)
    return lines


# The first wrong element ends the reading of an array: a message of 4 MB could hold a million of them.
SerialsIfKnown = Annotated[
    tuple[Identifier, ...],
    Strict(False),
    FailFast(),
    Field(max_length=SERIALS_MAX, json_schema_extra={"uniqueItems": True}),
]
Serials = Annotated[SerialsIfKnown, Field(min_length=1), AfterValidator(_each_serial_once)]


class OrderPlacedLine(EventData):
    """One line of an order: what was bought, and the service tokens if the ERP knows them by then."""

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
    """A version of an order's lines. A line that it leaves out stays as it was."""

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
        tuple[OrderPlacedLine, ...], Strict(False), FailFast(), Field(min_length=1), AfterValidator(_order_lines)
    ]


class OrderShippedLine(EventData):
    """What a delivery holds of one line of an order."""

    sales_order: Identifier
    line: Identifier
    token_serials: SerialsIfKnown


class OrderShipped(EventData):
    """A version of a delivery, whole."""

    shipment: Identifier
    revision: OptionalRevision = None
    ship_date: Date
    lines: Annotated[
        tuple[OrderShippedLine, ...], Strict(False), FailFast(), Field(min_length=1), AfterValidator(_shipment_lines)
    ]


class TokenReturned(EventData):
    """Service tokens given back: they leave the report."""

    token_serials: Serials
    returned_at: Instant
    reason: OptionalText = None


class TokenApplied(EventData):
    """A service token put to a station, from `applied_at` on; its term starts no earlier than `starts_at`."""

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
    """A station in service, as reported at every boot; some firmware names the service token."""

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
    """One event taken back, by the source and id of its envelope, whichever of the two comes first."""

    event_source: Source
    event_id: Identifier
    reason: Text
