"""The call that gives the whole report as a file."""

from collections.abc import Callable
from typing import Any

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from lifecycle.calendar import Calendar
from projections.export.apart import write_export_apart
from projections.export.formats import Format
from projections.export.parameters import EXPORT_PARAMETERS, ExportRequest, read_export_request
from projections.export.snapshot import Write
from projections.http.credentials import organizations_in_scope
from projections.http.openapi import TOKEN_ROW, ListedRow, problem_responses, query_parameters
from projections.http.problems import TOO_MANY_EXPORTS, Problem, unavailable
from projections.http.query_string import query_pairs
from projections.http.streaming import Streamed

_EXAMPLE = "Token S/N,Status\r\nST-000001,Active\r\n"
_BINARY = {"schema": {"type": "string", "format": "binary"}}


def file_response(row: ListedRow, csv_example: str) -> dict[str, Any]:
    """The declaration of an answer that is a file of such rows."""
    contents = {
        Format.CSV: {"schema": {"type": "string"}, "example": csv_example},
        Format.XLSX: _BINARY,
        Format.PARQUET: _BINARY,
        # An object a line, each of them so.
        Format.JSONL: {
            "schema": {"type": "string"},
            "itemSchema": row.reference,
            "example": orjson.dumps(row.example, option=orjson.OPT_APPEND_NEWLINE).decode(),
        },
    }
    return {
        "description": "The file, in the format asked for. It is whole if the answer ends properly.",
        "content": {each.media_type.partition(";")[0]: contents[each] for each in Format},
    }


class Exports:
    """The exports of one server, of which `most` run at once, each with a client that keeps taking some of it."""

    def __init__(self, database_url: str, most: int, stall_timeout_s: float) -> None:
        self._database_url = database_url
        self._most = most
        self._stall_timeout_s = stall_timeout_s
        self._running = 0

    def answer(self, request: Request, asked: ExportRequest) -> Response:
        """The file as the answer to a request."""
        if request.scope["http_version"] == "1.0":
            raise Problem(505, "over HTTP/1.0 a file that is cut off would look whole; ask over HTTP/1.1")

        async def produce(write: Write) -> None:
            if self._running >= self._most:
                raise unavailable(
                    f"{self._running} exports are running, which is the most at once", TOO_MANY_EXPORTS
                )
            self._running += 1
            try:
                await write_export_apart(self._database_url, asked, write)
            finally:
                self._running -= 1

        return Streamed(produce, asked.format.media_type, asked.file_name, self._stall_timeout_s)


def export_routes(exports: Exports, calendar: Calendar, clock: Callable[[], int]) -> APIRouter:
    """`GET /api/export`."""
    routes = APIRouter()

    @routes.get(
        "/api/export",
        summary="The whole report as a file, of one snapshot",
        response_class=Response,
        responses={200: file_response(TOKEN_ROW, _EXAMPLE), **problem_responses(422, 500, 503, 505)},
        openapi_extra=query_parameters(EXPORT_PARAMETERS),
    )
    async def export(request: Request) -> Response:
        asked = read_export_request(query_pairs(request), organizations_in_scope(request), clock(), calendar)
        return exports.answer(request, asked)

    return routes
