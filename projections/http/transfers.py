"""The calls that transfer service tokens and apply them."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from fastapi import APIRouter, Request
from starlette.responses import Response

from projections.http import credentials
from projections.http.idempotency_key import idempotency_key
from projections.http.other_sites import refuse_other_sites
from projections.http.query_string import query_pairs
from projections.http.request_body import Room, json_body
from projections.http.writing import (
    DRY_RUN,
    WAIT,
    event_as_json,
    key_problems,
    parse_wait,
    refusals,
    write_parameters,
    write_problems,
    written_answer,
)
from projections.http.writing_schemas import (
    APPLICATION_BODY,
    APPLICATION_EXAMPLE,
    APPLICATIONS_ANSWER,
    APPLICATIONS_EXAMPLE,
    TRANSFER_BODY,
    TRANSFER_EXAMPLE,
    TRANSFERS_ANSWER,
    TRANSFERS_EXAMPLE,
    answers,
    json_request,
)
from projections.query.parameters import Given, boolean_parser
from projections.query.scope import Scope
from projections.writing.asked import read_applications, read_transfers
from projections.writing.body import parse_body
from projections.writing.results import ItemResult, Written
from projections.writing.writer import Writer
from schemas.envelope import MESSAGE_MAX_BYTES

Item = TypeVar("Item")
Result = TypeVar("Result", bound=ItemResult)
PARAMETERS = (DRY_RUN, WAIT)


class _Write(Protocol[Item, Result]):  # type: ignore[misc]
    """Publishes the items that take effect."""

    async def __call__(self, items: Sequence[Item], scope: Scope, *, key: str | None) -> Written[Result]: ...


@dataclass(frozen=True, slots=True)
class _Call(Generic[Item, Result]):
    """How a body is read, looked at and carried out."""

    read: Callable[[Mapping[str, Any]], list[Item]]
    preview: Callable[[Sequence[Item], Scope], Awaitable[list[Result]]]
    write: _Write[Item, Result]


def transfer_routes(writer: Writer, room: Room) -> APIRouter:
    """`POST /api/transfers` and `POST /api/applications`."""
    routes = APIRouter()
    transfers = _Call(read_transfers, writer.preview_transfer, writer.transfer)
    applications = _Call(read_applications, writer.preview_application, writer.apply)

    @routes.post(
        "/api/transfers",
        summary="Hand service tokens to another organization; a result for each",
        response_class=Response,
        responses={**answers(TRANSFERS_ANSWER, TRANSFERS_EXAMPLE), **write_problems(), **key_problems()},
        openapi_extra={
            "parameters": write_parameters(PARAMETERS, keyed=True),
            "requestBody": json_request(TRANSFER_BODY, TRANSFER_EXAMPLE),
        },
    )
    async def transfer(request: Request) -> Response:
        return await _answer(request, transfers)

    @routes.post(
        "/api/applications",
        summary="Put service tokens on stations; a result for each",
        response_class=Response,
        responses={
            **answers(APPLICATIONS_ANSWER, APPLICATIONS_EXAMPLE),
            **write_problems(),
            **key_problems(),
        },
        openapi_extra={
            "parameters": write_parameters(PARAMETERS, keyed=True),
            "requestBody": json_request(APPLICATION_BODY, APPLICATION_EXAMPLE),
        },
    )
    async def apply(request: Request) -> Response:
        return await _answer(request, applications)

    async def _answer(request: Request, call: _Call[Item, Result]) -> Response:
        refuse_other_sites(request)
        given = Given(query_pairs(request), PARAMETERS)
        dry_run = given.one(DRY_RUN, boolean_parser(DRY_RUN), False)
        wait_seconds = given.one(WAIT, parse_wait, 0)
        given.finish()
        key = idempotency_key(request)
        scope = credentials.organizations_in_scope(request)
        async with refusals():
            async with room.taken():
                items = call.read(parse_body(await json_body(request, MESSAGE_MAX_BYTES)))
                if dry_run:
                    results = await call.preview(items, scope)
                    return written_answer(_as_json(Written(results, [], True), dry_run=True))
                written = await call.write(items, scope, key=key)
            if wait_seconds and written.events:
                written = await writer.wait(written, wait_seconds)
        return written_answer(_as_json(written, dry_run=False))

    return routes


def _as_json(written: Written[Result], *, dry_run: bool) -> dict[str, object]:
    return {
        "dry_run": dry_run,
        "accepted": written.accepted,
        "refused": len(written.results) - written.accepted,
        "results": [result.as_json(with_rows=dry_run) for result in written.results],
        "events": [event_as_json(event) for event in written.events],
        "shown": written.is_shown if written.events else None,
    }
