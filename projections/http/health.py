"""The calls that say how the API itself is doing."""

from fastapi import APIRouter
from starlette.responses import Response

from projections.http.database import ReportDatabase
from projections.http.metrics import ApiMetrics
from projections.http.openapi import json_response, problem_responses
from projections.http.problems import NOT_READY, unavailable
from projections.http.report import json_answer

_STATUS_SCHEMA = {
    "type": "object",
    "required": ["status"],
    "properties": {"status": {"type": "string"}},
    "example": {"status": "ready"},
}

_METRICS_EXAMPLE = (
    'tokens_api_requests_total{method="GET",route="/api/tokens",status="200"} 812.0\n'
    'tokens_api_request_seconds_sum{route="/api/tokens"} 9.31\n'
)


def health_routes(database: ReportDatabase, metrics: ApiMetrics) -> APIRouter:
    """`/healthz`, `/readyz` and `/metrics`."""
    routes = APIRouter()

    @routes.get(
        "/healthz",
        summary="Whether the process makes progress",
        response_class=Response,
        responses={
            200: json_response(
                "It does: the loop that answers this is the one that does the work.", _STATUS_SCHEMA
            )
        },
    )
    async def healthz() -> Response:
        return json_answer({"status": "alive"})

    @routes.get(
        "/readyz",
        summary="Whether the report can be read now",
        response_class=Response,
        responses={200: json_response("It can.", _STATUS_SCHEMA), **problem_responses(503)},
    )
    async def readyz() -> Response:
        reasons = await database.unready_reasons()
        if reasons:
            raise unavailable("; ".join(reasons), NOT_READY, reasons=reasons)
        return json_answer({"status": "ready"})

    @routes.get(
        "/metrics",
        summary="What the API measures, for Prometheus",
        response_class=Response,
        responses={
            200: {
                "description": "The metrics.",
                "content": {"text/plain": {"schema": {"type": "string"}, "example": _METRICS_EXAMPLE}},
            }
        },
    )
    async def measured() -> Response:
        return metrics.response()

    return routes
