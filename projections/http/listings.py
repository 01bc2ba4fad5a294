"""The calls that read the lists beside the report: stations and order lines."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from lifecycle.calendar import Calendar
from projections.export.parameters import EXPORT_PARAMETERS, read_export_request
from projections.http.conditional import (
    conditional_answer,
    conditional_parameters,
    conditional_response,
)
from projections.http.credentials import organizations_in_scope
from projections.http.database import ReportDatabase
from projections.http.export import Exports, file_response
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

_STATIONS_FILE = "Station S/N,Coverage\r\nCP-4471,Covered\r\n"
_ORDERS_FILE = "Sales Order,Line,Missing\r\nSO-1001,1,6\r\n"


def listing_routes(
    database: ReportDatabase, exports: Exports, calendar: Calendar, clock: Callable[[], int]
) -> APIRouter:
    """`GET /api/stations` and `GET /api/orders`, and each of them as a file under `/export`."""
    routes = APIRouter()

    async def page(request: Request, listing: Listing) -> Response:
        asked = read_page_request(
            query_pairs(request), organizations_in_scope(request), clock(), calendar, listing
        )
        async with database.querying() as connection:
            read = await read_page(connection, asked)
        return conditional_answer(request, read.as_json())

    def file(request: Request, listing: Listing) -> Response:
        scope = organizations_in_scope(request)
        asked = read_export_request(query_pairs(request), scope, clock(), calendar, listing)
        return exports.answer(request, asked)

    @routes.get("/api/stations", summary="One page of the stations and their cover", **_paged(STATION_ROW))
    async def list_stations(request: Request) -> Response:
        return await page(request, STATIONS)

    @routes.get(
        "/api/stations/export",
        summary="All stations as a file, of one snapshot",
        **_exported(STATION_ROW, _STATIONS_FILE),
    )
    async def export_stations(request: Request) -> Response:
        return file(request, STATIONS)

    @routes.get(
        "/api/orders",
        summary="One page of the order lines, with what was named and shipped of them",
        **_paged(ORDER_ROW),
    )
    async def list_orders(request: Request) -> Response:
        return await page(request, ORDERS)

    @routes.get(
        "/api/orders/export",
        summary="All order lines as a file, of one snapshot",
        **_exported(ORDER_ROW, _ORDERS_FILE),
    )
    async def export_orders(request: Request) -> Response:
        return file(request, ORDERS)

    return routes


def _paged(row: ListedRow) -> dict[str, Any]:
    parameters = parameters_of(row.listing, PAGE_PARAMETERS)
    return {
        "response_class": Response,
        "responses": {
            **conditional_response(json_response("The page.", page_schema(row))),
            **problem_responses(422, 500, 503),
        },
        "openapi_extra": conditional_parameters(query_parameters(parameters)),
    }


def _exported(row: ListedRow, csv_example: str) -> dict[str, Any]:
    return {
        "response_class": Response,
        "responses": {200: file_response(row, csv_example), **problem_responses(422, 500, 503, 505)},
        "openapi_extra": query_parameters(parameters_of(row.listing, EXPORT_PARAMETERS)),
    }
