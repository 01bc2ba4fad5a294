"""What is asked for: transfers and applications, item by item, and how they are read from JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field, Strict

from projections.writing.body import (
    Body,
    BodyError,
    OptionalName,
    WrongBody,
    body_error,
    read_fields,
)
from schemas.rules import Refused
from schemas.text import Identifier, OptionalIdentifier, OptionalInstant, OptionalText

MAX_TRANSFERS = 10_000
MAX_APPLICATIONS = 1_000


@dataclass(frozen=True, slots=True)
class TransferItem:
    """A token and who is to own it. `from_org_id` None: whoever owns it then; `transferred_at` None: now."""

    token_serial: str
    to_org_id: str
    to_org_name: str
    from_org_id: str | None = None
    transferred_at: int | None = None


@dataclass(frozen=True, slots=True)
class ApplicationItem:
    """A token and the station that it is put on. `applied_at` None: now. Instants are microseconds."""

    token_serial: str
    station_serial: str
    station_name: str | None = None
    evse_id: str | None = None
    applied_at: int | None = None
    starts_at: int | None = None


class _Transfer(Body):
    token_serial: Identifier
    from_org_id: OptionalIdentifier = None
    to_org_id: OptionalIdentifier = None
    to_org_name: OptionalName = None
    transferred_at: OptionalInstant = None


class _Transfers(Body):
    token_serials: Annotated[tuple[Identifier, ...], Strict(False), Field(min_length=1)] | None = None
    items: Annotated[tuple[_Transfer, ...], Strict(False), Field(min_length=1)] | None = None
    from_org_id: OptionalIdentifier = None
    to_org_id: OptionalIdentifier = None
    to_org_name: OptionalName = None
    transferred_at: OptionalInstant = None


class _Application(Body):
    token_serial: Identifier
    station_serial: Identifier
    station_name: OptionalText = None
    evse_id: OptionalIdentifier = None
    applied_at: OptionalInstant = None
    starts_at: OptionalInstant = None


class _Applications(Body):
    items: Annotated[tuple[_Application, ...], Strict(False), Field(min_length=1)]


def read_transfers(document: Mapping[str, Any]) -> list[TransferItem]:
    """The items, with what the body says of all of them filled in. Raises `WrongBody` with all that is wrong."""
    body = read_fields(_Transfers, document, ("token_serials", "items"), MAX_TRANSFERS)
    if body.token_serials is not None and body.items is not None:
        refused = Refused("one_of_two", "/items", "leave one of them out")
        raise WrongBody([body_error(refused)])
    if body.items is None:
        if body.token_serials is None:
            raise WrongBody([_missing("/token_serials")])
        given = [_Transfer.model_construct(token_serial=serial) for serial in body.token_serials]
    else:
        given = list(body.items)
    errors: dict[BodyError, None] = {}
    items: list[TransferItem] = []
    for index, each in enumerate(given):
        # An organization's name is that of the id beside it, never of another one.
        names, where = (body, "") if each.to_org_id is None else (each, f"/items/{index}")
        to_org_id, to_org_name = names.to_org_id, names.to_org_name
        if to_org_id is None:
            errors[_missing("/to_org_id")] = None
        if each.to_org_id is None and each.to_org_name is not None:
            errors[_missing(f"/items/{index}/to_org_id")] = None
        if to_org_name is None:
            errors[_missing(f"{where}/to_org_name")] = None
        if to_org_id is not None and to_org_name is not None:
            items.append(
                TransferItem(
                    each.token_serial,
                    to_org_id,
                    to_org_name,
                    each.from_org_id or body.from_org_id,
                    body.transferred_at if each.transferred_at is None else each.transferred_at,
                )
            )
    if errors:
        raise WrongBody(list(errors))
    return items


def read_applications(document: Mapping[str, Any]) -> list[ApplicationItem]:
    """The items. Raises `WrongBody` with all that is wrong."""
    body = read_fields(_Applications, document, ("items",), MAX_APPLICATIONS)
    return [
        ApplicationItem(
            each.token_serial,
            each.station_serial,
            each.station_name,
            each.evse_id,
            each.applied_at,
            each.starts_at,
        )
        for each in body.items
    ]


def _missing(pointer: str) -> BodyError:
    return body_error(Refused("missing", pointer, "fill it in"))
