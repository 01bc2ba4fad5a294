"""The call that compares the report with itself at another instant."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from lifecycle.calendar import Calendar
from projections.diff.page import read_diff
from projections.diff.parameters import DIFF_PARAMETERS, FROM, read_diff_request
from projections.http.conditional import (
    conditional_answer,
    conditional_parameters,
    conditional_response,
)
from projections.http.credentials import organizations_in_scope
from projections.http.database import ReportDatabase
from projections.http.openapi import ROW_REFERENCE, json_response, problem_responses, query_parameters
from projections.http.query_string import query_pairs


def diff_routes(database: ReportDatabase, calendar: Calendar, clock: Callable[[], int]) -> APIRouter:
    """`GET /api/diff`."""
    routes = APIRouter()

    @routes.get(
        "/api/diff",
        summary="The tokens whose row differs between two instants, and how",
        response_class=Response,
        responses={
            **conditional_response(json_response("The page.", DIFF_SCHEMA)),
            **problem_responses(422, 500, 503),
        },
        openapi_extra=conditional_parameters(query_parameters(DIFF_PARAMETERS)),
    )
    async def compare(request: Request) -> Response:
        asked = read_diff_request(query_pairs(request), organizations_in_scope(request), clock(), calendar)
        async with database.querying() as connection:
            page = await read_diff(connection, asked)
        return conditional_answer(request, page.as_json())

    return routes


_INSTANT = {"type": "string", "format": "date-time"}


def _side(description: str) -> dict[str, Any]:
    return {"anyOf": [ROW_REFERENCE, {"type": "null"}], "description": description}


_DIFFERENCE: dict[str, Any] = {
    "type": "object",
    "description": "The cells that differ; all that were compared where the token was in one report alone.",
    "required": ["token_serial", "before", "after"],
    "additionalProperties": False,
    "properties": {
        "token_serial": {"type": "string"},
        "before": _side("At `from`; null where the token was in no report then: it has appeared."),
        "after": _side("At `to`; null where the token was in no report then: it has left."),
    },
}

DIFF_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["from", "to", "tokens", "next"],
    "additionalProperties": False,
    "properties": {
        "from": _INSTANT,
        "to": _INSTANT,
        "tokens": {"type": "array", "items": _DIFFERENCE},
        "next": {
            "type": ["string", "null"],
            "description": "The `after` of the next page; null on the last.",
        },
        "count": {"type": "integer", "description": "All tokens that differ, where `count=true` asked."},
    },
    "example": {
        "from": FROM.example,
        "to": "2026-04-01T07:00:00Z",
        "tokens": [
            {
                "token_serial": "ST-000001",
                "before": {"status": "Available", "activation_date": None, "expiration_date": None},
                "after": {
                    "status": "Active",
                    "activation_date": "2026-03-02",
                    "expiration_date": "2029-03-02",
                },
            },
            {"token_serial": "ST-000002", "before": None, "after": {"status": "New"}},
        ],
        "next": None,
        "count": 2,
    },
}
