"""Every error of the API as RFC 9457 problem details."""

import http
from collections.abc import Callable, Mapping
from typing import Any

import orjson
from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from projections.query.database import DatabaseAway, QueryTooSlow
from projections.query.refusal import BadQuery
from projections.writing.body import WrongBody

MEDIA_TYPE = "application/problem+json"

_TYPES = "urn:problem-type:service-tokens:"
WRONG_PARAMETER = _TYPES + "wrong-parameter"
DATABASE_AWAY = _TYPES + "database-away"
QUERY_TOO_SLOW = _TYPES + "query-too-slow"
TOO_MANY_EXPORTS = _TYPES + "too-many-exports"
NOT_READY = _TYPES + "not-ready"
UNKNOWN_TOKEN = _TYPES + "unknown-token"
TOKEN_NOT_IN_FORCE = _TYPES + "token-not-in-force"
UNKNOWN_LETTER = _TYPES + "unknown-dead-letter"
NOT_OPEN = _TYPES + "dead-letter-not-open"
WRONG_EVENT = _TYPES + "wrong-event"
WRONG_BODY = _TYPES + "wrong-body"
KEY_IN_PROGRESS = _TYPES + "idempotency-key-in-progress"
KEY_OF_ANOTHER = _TYPES + "idempotency-key-of-another-request"
KAFKA_AWAY = _TYPES + "kafka-away"
NOT_FOR_ALL = _TYPES + "not-for-all"

RETRY_AFTER_S = 5

_WRONG_PARAMETER_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["parameter", "value", "message", "allowed"],
    "properties": {
        "parameter": {"type": "string"},
        "value": {"type": ["string", "null"]},
        "message": {"type": "string"},
        "allowed": {
            "type": "array",
            "items": {"type": "string"},
            "description": "What exists in its place; empty where that is no list.",
        },
    },
}
_WRONG_PLACE_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["rule", "pointer", "message"],
    "properties": {
        "rule": {"type": "string", "description": "The rule that is broken, in a word."},
        "pointer": {
            "type": "string",
            "description": "A JSON pointer into the body; of an event, into its structured form.",
        },
        "message": {"type": "string", "description": "What is wrong, and the remedy."},
        "index": {"type": "integer", "description": "Which event of the request, from 0."},
        "source": {"type": ["string", "null"], "description": "The event's, where it can be read."},
        "id": {"type": ["string", "null"], "description": "The event's, where it can be read."},
    },
}

PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "Problem details, RFC 9457.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong and what to do about it."},
        "errors": {
            "type": "array",
            "description": "Each wrong parameter, or each wrong place in the body.",
            "items": {"anyOf": [_WRONG_PARAMETER_SCHEMA, _WRONG_PLACE_SCHEMA]},
        },
        "history": {"type": "string", "description": "Where the facts are that no longer count."},
        "reasons": {"type": "array", "items": {"type": "string"}, "description": "Why it is not ready."},
    },
    "example": {
        "type": WRONG_PARAMETER,
        "title": "wrong parameter",
        "status": 422,
        "detail": "'match' is all or any, not 'some'",
        "errors": [
            {
                "parameter": "match",
                "value": "some",
                "message": "'match' is all or any, not 'some'",
                "allowed": ["all", "any"],
            }
        ],
    },
}


class Problem(Exception):
    """An answer other than the one asked for. `members` are added to the problem details."""

    def __init__(
        self,
        status: int,
        detail: str,
        type_: str = "about:blank",
        headers: Mapping[str, str] | None = None,
        **members: object,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.type = type_
        self.headers = headers
        self.members = members

    def response(self) -> Response:
        phrase = http.HTTPStatus(self.status).phrase
        title = phrase if self.type == "about:blank" else self.type.removeprefix(_TYPES).replace("-", " ")
        body = {"type": self.type, "title": title, "status": self.status, "detail": self.detail}
        return Response(
            orjson.dumps({**body, **self.members}),
            self.status,
            None if self.headers is None else dict(self.headers),
            MEDIA_TYPE,
        )


def unavailable(detail: str, type_: str = "about:blank", **members: object) -> Problem:
    """503: the same call may succeed a little later."""
    return Problem(503, detail, type_, {"Retry-After": str(RETRY_AFTER_S)}, **members)


def answer_with_problems(app: FastAPI, as_page: Callable[[int, str], Response]) -> None:
    """Make every error of the app's calls one of these; but `as_page`, by its status and what it says, makes a
    page for people who go to a place that is none.
    """

    def answer(request: Request, problem: Problem) -> Response:
        if not _is_for_people(request):
            return problem.response()
        response = as_page(problem.status, problem.detail)
        response.headers.update(problem.headers or {})
        return response

    @app.exception_handler(Problem)
    async def on_problem(_: Request, problem: Problem) -> Response:
        return problem.response()

    @app.exception_handler(BadQuery)
    async def on_bad_query(_: Request, bad: BadQuery) -> Response:
        errors = [
            {
                "parameter": refusal.parameter,
                "value": refusal.value,
                "message": refusal.message,
                "allowed": refusal.allowed,
            }
            for refusal in bad.refusals
        ]
        return Problem(422, str(bad), WRONG_PARAMETER, errors=errors).response()

    @app.exception_handler(WrongBody)
    async def on_wrong_body(_: Request, wrong: WrongBody) -> Response:
        errors = [each._asdict() for each in wrong.errors]
        return Problem(422, str(wrong), WRONG_BODY, errors=errors).response()

    @app.exception_handler(DatabaseAway)
    async def on_database_away(_: Request, error: DatabaseAway) -> Response:
        return unavailable(str(error), DATABASE_AWAY).response()

    @app.exception_handler(QueryTooSlow)
    async def on_too_slow(_: Request, error: QueryTooSlow) -> Response:
        return unavailable(f"{error}; narrow the filters", QUERY_TOO_SLOW).response()

    @app.exception_handler(HTTPException)
    async def on_http_exception(request: Request, error: HTTPException) -> Response:
        if error.status_code == 404:
            lists = "" if _is_for_people(request) else "; /openapi.json lists what there is"
            detail = f"there is nothing at {request.url.path}{lists}"
        elif error.status_code == 405:
            allowed = (error.headers or {}).get("Allow", "")
            detail = f"{request.url.path} takes {allowed}, not {request.method}"
        else:
            detail = str(error.detail)
        return answer(request, Problem(error.status_code, detail, headers=error.headers))

    @app.exception_handler(Exception)
    async def on_error(request: Request, _error: Exception) -> Response:
        return answer(request, Problem(500, "the service failed; its log says why"))


def _is_for_people(request: Request) -> bool:
    """Whether a browser asks, and for no call of the API."""
    return "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/api/")
