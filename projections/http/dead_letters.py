"""The calls for dead letters: those who run the service see them, publish them again, or give them up.

For those who see all organizations: a message that could not be read has no owner, and may be about anyone's
tokens.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from projections.dead_letters.database import letters_opened
from projections.dead_letters.listing import LIST_PARAMETERS, list_letters, read_list_request
from projections.dead_letters.reading import read_letter
from projections.dead_letters.refusals import NotOpen, UnknownLetter, WrongEdit
from projections.dead_letters.settling import discard, parse_reason, requeue
from projections.http import credentials
from projections.http.database import ReportDatabase
from projections.http.dead_letters_openapi import (
    AGAIN,
    DEAD_LETTER,
    DISCARDED_ANSWER,
    LETTER_ANSWER,
    LIST_ANSWER,
    REQUEUED_ANSWER,
    edited_event,
    letter_problems,
    reason_of_a_discard,
)
from projections.http.openapi import problem_responses, query_parameters
from projections.http.other_sites import refuse_other_sites
from projections.http.problems import (
    KAFKA_AWAY,
    NOT_OPEN,
    UNKNOWN_LETTER,
    WRONG_EVENT,
    Problem,
    unavailable,
)
from projections.http.query_string import query_pairs
from projections.http.report import json_answer
from projections.http.request_body import bounded_body
from projections.publishing.message import NotPublished
from projections.publishing.publisher import Publisher
from projections.query.parameters import Given, boolean_parser
from schemas.envelope import MESSAGE_MAX_BYTES
from schemas.headers import is_json

STATEMENT_TIMEOUT_S = 30.0


def dead_letter_routes(database: ReportDatabase, database_url: str, publisher: Publisher | None) -> APIRouter:
    """`GET /api/dead-letters` and what follows from it. Without a publisher nothing can be requeued."""
    routes = APIRouter()

    @routes.get(
        "/api/dead-letters",
        summary="One page of the messages that could not be taken in, newest first",
        response_class=Response,
        responses={
            200: LIST_ANSWER,
            **letter_problems(403),
            **problem_responses(422, 500, 503),
        },
        openapi_extra=query_parameters(LIST_PARAMETERS),
    )
    async def list_dead_letters(request: Request) -> Response:
        credentials.require_all_organizations(request, "dead letters")
        asked = read_list_request(query_pairs(request))
        async with database.querying() as connection:
            page = await list_letters(connection, asked)
        return json_answer(page.as_json())

    @routes.get(
        "/api/dead-letters/{dead_letter}",
        summary="One such message, whole",
        response_class=Response,
        responses={
            200: LETTER_ANSWER,
            **letter_problems(403, 404),
            **problem_responses(422, 500, 503),
        },
        openapi_extra={"parameters": [DEAD_LETTER]},
    )
    async def show_dead_letter(request: Request) -> Response:
        credentials.require_all_organizations(request, "dead letters")
        Given(query_pairs(request), ()).finish()
        async with _refusals(), database.querying() as connection:
            return json_answer((await read_letter(connection, _number(request))).as_json())

    @routes.post(
        "/api/dead-letters/{dead_letter}/requeue",
        summary="Publish it again, as it was or corrected; answered when the broker has it",
        response_class=Response,
        responses={
            200: REQUEUED_ANSWER,
            **letter_problems(403, 404, 409, 413, 415),
            **problem_responses(422, 500, 503),
        },
        openapi_extra={
            "parameters": [DEAD_LETTER, *query_parameters([AGAIN])["parameters"]],
            "requestBody": edited_event(),
        },
    )
    async def requeue_dead_letter(request: Request) -> Response:
        credentials.require_all_organizations(request, "dead letters")
        refuse_other_sites(request)
        given = Given(query_pairs(request), (AGAIN,))
        again = given.one(AGAIN, boolean_parser(AGAIN), False)
        given.finish()
        edit = await _json_body(request)
        if publisher is None:
            raise unavailable("this API was started without Kafka (TOKENS_KAFKA)", KAFKA_AWAY)
        number = _number(request)
        async with _refusals(), _settling() as connection:
            await requeue(connection, publisher, number, edit=edit, again=again)
            return json_answer((await read_letter(connection, number)).as_json())

    @routes.post(
        "/api/dead-letters/{dead_letter}/discard",
        summary="Give it up; it is kept with the reason",
        response_class=Response,
        responses={
            200: DISCARDED_ANSWER,
            **letter_problems(403, 404, 409, 413, 415),
            **problem_responses(422, 500, 503),
        },
        openapi_extra={"parameters": [DEAD_LETTER], "requestBody": reason_of_a_discard()},
    )
    async def discard_dead_letter(request: Request) -> Response:
        credentials.require_all_organizations(request, "dead letters")
        refuse_other_sites(request)
        Given(query_pairs(request), ()).finish()
        reason = _reason(await _json_body(request))
        number = _number(request)
        async with _refusals(), _settling() as connection:
            await discard(connection, number, reason)
            return json_answer((await read_letter(connection, number)).as_json())

    def _settling() -> Any:
        return letters_opened(database_url, may_write=True, statement_timeout_s=STATEMENT_TIMEOUT_S)

    return routes


def _number(request: Request) -> int:
    text: str = request.path_params["dead_letter"]
    if re.fullmatch("[0-9]{1,18}", text) is None:
        raise Problem(404, f"a dead letter is known by its number, not by {text!r}", UNKNOWN_LETTER)
    return int(text)


async def _json_body(request: Request) -> bytes | None:
    """The body, None where there is none; not more of it than a message may have."""
    body = await bounded_body(request, MESSAGE_MAX_BYTES)
    if not body:
        return None
    content_type = request.headers.get("content-type")
    if content_type is None or not is_json(content_type):
        raise Problem(415, f"send application/json, not {content_type or 'a body of no type'}")
    return body


def _reason(body: bytes | None) -> str:
    try:
        given = orjson.loads(body or b"null")
        if type(given) is not dict or given.keys() != {"reason"} or type(given["reason"]) is not str:
            raise ValueError('send {"reason": "..."} and nothing else')
        return parse_reason(given["reason"])
    except ValueError as error:
        raise Problem(422, str(error)) from None


@asynccontextmanager
async def _refusals() -> AsyncIterator[None]:
    try:
        yield
    except UnknownLetter as unknown:
        raise Problem(404, str(unknown), UNKNOWN_LETTER) from None
    except NotOpen as not_open:
        raise Problem(409, str(not_open), NOT_OPEN) from None
    except WrongEdit as wrong:
        raise Problem(
            422, str(wrong), WRONG_EVENT, rule=wrong.invalid.rule, pointer=wrong.invalid.pointer
        ) from None
    except NotPublished as not_published:
        raise unavailable(str(not_published), KAFKA_AWAY) from None
