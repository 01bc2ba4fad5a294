"""The call that gives the whole report as a file."""

from collections.abc import Callable

from fastapi import APIRouter, Request
from starlette.responses import Response

from lifecycle.calendar import Calendar
from projections.columns import zone_title
from projections.export.csv_file import MEDIA_TYPE, write_csv
from projections.export.parameters import EXPORT_PARAMETERS, read_export_request
from projections.http.credentials import organizations_in_scope
from projections.http.database import ReportDatabase
from projections.http.openapi import problem_responses, query_parameters
from projections.http.problems import TOO_MANY_EXPORTS, Problem, unavailable
from projections.http.query_string import query_pairs
from projections.http.streaming import Streamed, Write

_CSV_RESPONSE = {
    "description": "The file: UTF-8, CR LF, a row of titles first. It is whole if the answer ends properly.",
    "content": {
        "text/csv": {"schema": {"type": "string"}, "example": "Token S/N,Status\r\nST-000001,Active\r\n"}
    },
}


def export_routes(
    database: ReportDatabase,
    calendar: Calendar,
    clock: Callable[[], int],
    max_exports: int,
    stall_timeout_s: float,
) -> APIRouter:
    """`GET /api/export`."""
    routes = APIRouter()
    running = 0

    @routes.get(
        "/api/export",
        summary="The whole report as a file, of one snapshot",
        response_class=Response,
        responses={200: _CSV_RESPONSE, **problem_responses(422, 500, 503, 505)},
        openapi_extra=query_parameters(EXPORT_PARAMETERS),
    )
    async def export(request: Request) -> Response:
        asked = read_export_request(query_pairs(request), organizations_in_scope(request), clock(), calendar)
        if request.scope["http_version"] == "1.0":
            raise Problem(505, "over HTTP/1.0 a file that is cut off would look whole; ask over HTTP/1.1")

        async def produce(write: Write) -> None:
            nonlocal running
            if running >= max_exports:
                raise unavailable(
                    f"{running} exports are running, which is the most at once", TOO_MANY_EXPORTS
                )
            running += 1
            try:
                async with database.exporting() as connection:
                    await write_csv(connection, asked, zone_title(calendar.zone_name), write)
            finally:
                running -= 1

        return Streamed(produce, MEDIA_TYPE, asked.file_name, stall_timeout_s)

    return routes
