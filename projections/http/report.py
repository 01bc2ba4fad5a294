"""The calls that read the report."""

from collections.abc import Callable

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from lifecycle.calendar import Calendar
from projections.columns import TOKENS, zone_title
from projections.http.conditional import (
    conditional_answer,
    conditional_parameters,
    conditional_response,
)
from projections.http.credentials import organizations_in_scope
from projections.http.database import ReportDatabase
from projections.http.openapi import (
    COLUMNS_SCHEMA,
    TOKEN_ROW,
    json_response,
    page_schema,
    problem_responses,
    query_parameters,
)
from projections.http.query_string import query_pairs
from projections.listing import Listing
from projections.listings import LISTINGS
from projections.query.page import read_page
from projections.query.parameters import (
    PAGE_PARAMETERS,
    Given,
    Parameter,
    choice_parser,
    read_page_request,
)

LISTING = Parameter(
    "listing",
    "Of which list: the one of `GET /api/tokens`, `/api/stations` or `/api/orders`.",
    {"type": "string", "enum": list(LISTINGS), "default": "tokens"},
    "stations",
)


def json_answer(body: object) -> Response:
    """200 with a body in JSON; dates are `YYYY-MM-DD`."""
    # Who may see a report now may not later, and what it shows changes by the clock alone.
    headers = {"Cache-Control": "no-store"}
    return Response(orjson.dumps(body), headers=headers, media_type="application/json")


def report_routes(database: ReportDatabase, calendar: Calendar, clock: Callable[[], int]) -> APIRouter:
    """`GET /api/tokens` and `GET /api/columns`."""
    routes = APIRouter()

    @routes.get(
        "/api/tokens",
        summary="One page of the report",
        response_class=Response,
        responses={
            **conditional_response(json_response("The page.", page_schema(TOKEN_ROW))),
            **problem_responses(422, 500, 503),
        },
        openapi_extra=conditional_parameters(query_parameters(PAGE_PARAMETERS)),
    )
    async def list_tokens(request: Request) -> Response:
        asked = read_page_request(query_pairs(request), organizations_in_scope(request), clock(), calendar)
        async with database.querying() as connection:
            page = await read_page(connection, asked)
        return conditional_answer(request, page.as_json())

    @routes.get(
        "/api/columns",
        summary="The columns of the report or of another list, and how each can be filtered",
        response_class=Response,
        responses={
            **conditional_response(json_response("The columns.", COLUMNS_SCHEMA)),
            **problem_responses(422, 500),
        },
        openapi_extra=conditional_parameters(query_parameters((LISTING,))),
    )
    async def list_columns(request: Request) -> Response:
        given = Given(query_pairs(request), (LISTING,))
        listing = given.one(LISTING, choice_parser(LISTING, LISTINGS.__getitem__), TOKENS)
        given.finish()
        columns = described_columns(listing, zone_title(calendar.zone_name))
        return conditional_answer(request, {"columns": columns})

    return routes


def described_columns(listing: Listing, zone: str) -> list[dict[str, object]]:
    """Every column, in the order of the list."""
    return [
        {
            "key": column.key,
            "title": column.title_in(zone),
            "type": column.type,
            "operators": column.type.operators,
            "values": column.choices or None,
            "standard": column.is_standard,
            "doc": column.doc,
        }
        for column in listing.columns
    ]
