"""The calls that read the lists beside the report: stations and order lines."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from lifecycle.calendar import Calendar
from projections.http.conditional import (
    conditional_answer,
    conditional_parameters,
    conditional_response,
)
from projections.http.credentials import organizations_in_scope
from projections.http.database import ReportDatabase
from projections.http.openapi import (
    ORDER_ROW,
    STATION_ROW,
    ListedRow,
    json_response,
    page_schema,
    problem_responses,
    query_parameters,
)
from projections.http.query_string import query_pairs
from projections.listing import Listing
from projections.orders.columns import ORDERS
from projections.query.page import read_page
from projections.query.parameters import PAGE_PARAMETERS, parameters_of, read_page_request
from projections.stations.columns import STATIONS


def listing_routes(database: ReportDatabase, calendar: Calendar, clock: Callable[[], int]) -> APIRouter:
    """`GET /api/stations` and `GET /api/orders`."""
    routes = APIRouter()

    async def page(request: Request, listing: Listing) -> Response:
        asked = read_page_request(
            query_pairs(request), organizations_in_scope(request), clock(), calendar, listing
        )
        async with database.querying() as connection:
            read = await read_page(connection, asked)
        return conditional_answer(request, read.as_json())

    @routes.get(
        "/api/stations",
        summary="One page of the stations and their cover",
        **_declared(STATIONS, STATION_ROW),
    )
    async def list_stations(request: Request) -> Response:
        return await page(request, STATIONS)

    @routes.get(
        "/api/orders",
        summary="One page of the order lines, with what was named and shipped of them",
        **_declared(ORDERS, ORDER_ROW),
    )
    async def list_orders(request: Request) -> Response:
        return await page(request, ORDERS)

    return routes


def _declared(listing: Listing, row: ListedRow) -> dict[str, Any]:
    return {
        "response_class": Response,
        "responses": {
            **conditional_response(json_response("The page.", page_schema(row))),
            **problem_responses(422, 500, 503),
        },
        "openapi_extra": conditional_parameters(query_parameters(parameters_of(listing, PAGE_PARAMETERS))),
    }
