"""The calls about one token."""

from collections.abc import Callable

from fastapi import APIRouter, Request
from starlette.responses import Response

from projections.explain.answer import explanation_as_json, history_path
from projections.explain.history import read_history
from projections.explain.parameters import (
    EXPLANATION_PARAMETERS,
    HISTORY_PARAMETERS,
    read_as_of,
    read_history_request,
)
from projections.explain.token import explain_token
from projections.explain.unknown import UnknownToken
from projections.http.credentials import organizations_in_scope
from projections.http.database import ReportDatabase
from projections.http.openapi import json_response, problem_responses, query_parameters
from projections.http.problems import TOKEN_NOT_IN_FORCE, UNKNOWN_TOKEN, Problem
from projections.http.query_string import query_pairs
from projections.http.raw_path import raw_rest, serial_of
from projections.http.report import json_answer
from projections.http.token_schemas import EXPLANATION_SCHEMA, HISTORY_SCHEMA, SERIAL_PARAMETER

_TOKENS = "/api/tokens/"
_HISTORY = "/history"


def token_routes(database: ReportDatabase, clock: Callable[[], int]) -> APIRouter:
    """`GET /api/tokens/{serial}` and `GET /api/tokens/{serial}/history`."""
    routes = APIRouter()

    @routes.get(
        "/api/tokens/{serial:path}/history",
        summary="Every recorded fact about a service token, in force or not",
        response_class=Response,
        responses={
            200: json_response("The page.", HISTORY_SCHEMA),
            **problem_responses(404, 422, 500, 503),
        },
        openapi_extra=_parameters(query_parameters(HISTORY_PARAMETERS)),
    )
    async def history(request: Request) -> Response:
        return await _answer(request)

    @routes.get(
        "/api/tokens/{serial:path}",
        summary="A service token's row, and why it is what it is",
        response_class=Response,
        responses={
            200: json_response("The explanation.", EXPLANATION_SCHEMA),
            **problem_responses(404, 422, 500, 503),
        },
        openapi_extra=_parameters(query_parameters(EXPLANATION_PARAMETERS)),
    )
    async def explanation(request: Request) -> Response:
        return await _answer(request)

    async def _answer(request: Request) -> Response:
        """The framework matches decoded paths: whether `/history` is part of a serial, the raw one says."""
        serial, is_history = _asked(request)
        scope = organizations_in_scope(request)
        try:
            if is_history:
                asked = read_history_request(serial, query_pairs(request), scope, clock())
                async with database.querying() as connection:
                    return json_answer(await read_history(connection, asked))
            as_of = read_as_of(query_pairs(request), clock())
            async with database.querying() as connection:
                return json_answer(explanation_as_json(await explain_token(connection, serial, as_of, scope)))
        except UnknownToken as unknown:
            if unknown.is_in_journal:
                raise Problem(
                    404, str(unknown), TOKEN_NOT_IN_FORCE, history=history_path(serial)
                ) from unknown
            raise Problem(404, str(unknown), UNKNOWN_TOKEN) from unknown

    return routes


def _asked(request: Request) -> tuple[str, bool]:
    """The serial in the path, and whether its history is asked for. A `/history` of its own is escaped."""
    rest = raw_rest(request, _TOKENS)
    is_history = rest.endswith(_HISTORY)
    return serial_of(rest.removesuffix(_HISTORY) if is_history else rest), is_history


def _parameters(declared: dict[str, list[object]]) -> dict[str, list[object]]:
    return {"parameters": [SERIAL_PARAMETER, *declared["parameters"]]}
