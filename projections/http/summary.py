"""The call that counts the report."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from lifecycle.anomalies import ANOMALIES
from lifecycle.calendar import Calendar
from lifecycle.stages import Status
from projections.http.conditional import (
    conditional_answer,
    conditional_parameters,
    conditional_response,
)
from projections.http.credentials import organizations_in_scope
from projections.http.database import ReportDatabase
from projections.http.openapi import json_response, problem_responses, query_parameters
from projections.http.query_string import query_pairs
from projections.summary.months import MONTHS
from projections.summary.parameters import SUMMARY_PARAMETERS, read_summary_request
from projections.summary.summary import read_summary


def summary_routes(database: ReportDatabase, calendar: Calendar, clock: Callable[[], int]) -> APIRouter:
    """`GET /api/summary`."""
    routes = APIRouter()

    @routes.get(
        "/api/summary",
        summary="How many tokens have each status, expire in each month, show each anomaly",
        response_class=Response,
        responses={
            **conditional_response(json_response("The counts.", SUMMARY_SCHEMA)),
            **problem_responses(422, 500, 503),
        },
        openapi_extra=conditional_parameters(query_parameters(SUMMARY_PARAMETERS)),
    )
    async def summarize(request: Request) -> Response:
        asked = read_summary_request(query_pairs(request), organizations_in_scope(request), clock(), calendar)
        async with database.querying() as connection:
            summary = await read_summary(connection, asked)
        # Of the same counts at a later instant, a poller need not hear again.
        return conditional_answer(request, summary.as_json(), apart=("as_of",))

    return routes


_COUNT: dict[str, Any] = {"type": "integer", "minimum": 0}
_FILTERS: dict[str, Any] = {
    "type": ["array", "null"],
    "items": {"type": "string"},
    "description": "Added to the `filter`s of the call, with `match=all`, they select these tokens and no "
    "others. Null where none can be added: `match=any` joins several, or there are as many as there may be.",
}


def _object(properties: dict[str, Any], description: str) -> dict[str, Any]:
    return {
        "type": "object",
        "description": description,
        "required": list(properties),
        "additionalProperties": False,
        "properties": properties,
    }


def _bucket(description: str, value: dict[str, Any] | None = None) -> dict[str, Any]:
    named = {} if value is None else {"value": value}
    return _object({**named, "count": _COUNT, "filters": _FILTERS}, description)


def _buckets(description: str, value: dict[str, Any], most: int) -> dict[str, Any]:
    return {"type": "array", "maxItems": most, "items": _bucket(description, {"type": "string", **value})}


def _example(value: str | None, count: int, *filters: str) -> dict[str, Any]:
    return {**({} if value is None else {"value": value}), "count": count, "filters": filters}


_EXPIRATIONS = _object(
    {
        "months": _buckets(
            f"A month: that of `today`, whole, and those that follow, {MONTHS} in all.",
            {"pattern": "^[0-9]{4}-[0-9]{2}$"},
            MONTHS,
        ),
        "earlier": _bucket("Before the first of the months."),
        "later": _bucket("After the last of the months."),
        "none": _bucket("Without an expiration date: not started, or of no known term."),
    },
    "By expiration date. Each token is in one of these.",
)
_ANOMALIES = _object(
    {
        "kinds": _buckets(
            "An anomaly; a token that shows several is in each.", {"enum": list(ANOMALIES)}, len(ANOMALIES)
        ),
        "none": _bucket("Without any."),
    },
    "By anomaly.",
)

SUMMARY_SCHEMA: dict[str, Any] = {
    **_object(
        {
            "as_of": {"type": "string", "format": "date-time"},
            "today": {"type": "string", "format": "date", "description": "The local date of `as_of`."},
            "count": {**_COUNT, "description": "The tokens of the report."},
            "statuses": _buckets("A status.", {"enum": list(map(str, Status))}, len(Status)),
            "expirations": _EXPIRATIONS,
            "anomalies": _ANOMALIES,
        },
        "Counts of one snapshot. Every status, month and anomaly is listed, those without a token too.",
    ),
    "example": {
        "as_of": "2026-03-02T07:00:00Z",
        "today": "2026-03-01",
        "count": 812,
        "statuses": [
            _example("New", 40, "status:is:New"),
            _example("Available", 72, "status:is:Available"),
            _example("Active", 600, "status:is:Active"),
            _example("Expired", 100, "status:is:Expired"),
        ],
        "expirations": {
            "months": [
                _example(
                    "2026-03", 12, "expiration_date:after:2026-02-28", "expiration_date:before:2026-04-01"
                )
            ],
            "earlier": _example(None, 98, "expiration_date:before:2026-03-01"),
            "later": _example(None, 590, "expiration_date:after:2026-03-31"),
            "none": _example(None, 112, "expiration_date:is_empty"),
        },
        "anomalies": {
            "kinds": [_example("order_missing", 3, "anomalies:contains:order_missing")],
            "none": _example(None, 809, "anomalies:is_empty"),
        },
    },
}
