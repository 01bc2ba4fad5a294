"""The call that takes events in from producers without a Kafka client."""

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import Response

from projections.http import credentials
from projections.http.other_sites import refuse_other_sites
from projections.http.problems import WRONG_EVENT, Problem
from projections.http.query_string import query_pairs
from projections.http.request_body import Room, bounded_body
from projections.http.writing import (
    WAIT,
    event_as_json,
    parse_wait,
    refusals,
    write_parameters,
    write_problems,
    written_answer,
)
from projections.http.writing_schemas import EVENTS_ANSWER, EVENTS_EXAMPLE, answers, events_request
from projections.publishing.message import Outgoing
from projections.query.parameters import Given
from projections.writing.gateway import MAX_BODY_BYTES, WrongContentType, WrongEvents, messages_of
from projections.writing.outgoing import published
from projections.writing.writer import Writer


def event_routes(writer: Writer, room: Room) -> APIRouter:
    """`POST /api/events`."""
    routes = APIRouter()

    @routes.post(
        "/api/events",
        summary="Publish one event, or a batch; answered when the broker has all of it",
        response_class=Response,
        responses={**answers(EVENTS_ANSWER, EVENTS_EXAMPLE), **write_problems()},
        openapi_extra={
            "parameters": write_parameters([WAIT], keyed=False),
            "requestBody": events_request(),
        },
    )
    async def take_events_in(request: Request) -> Response:
        # An event may be about anyone's tokens.
        credentials.require_all_organizations(request, "events")
        refuse_other_sites(request)
        given = Given(query_pairs(request), (WAIT,))
        wait_seconds = given.one(WAIT, parse_wait, 0)
        given.finish()
        is_shown = False
        async with refusals():
            async with room.taken():
                body = await bounded_body(request, MAX_BODY_BYTES)
                # In a thread: the largest batch takes a second or two, and others are served meanwhile.
                messages = await asyncio.to_thread(_messages, request, body, writer.topic_prefix)
                events = await published(writer.publisher, messages)
            if wait_seconds:
                is_shown, events = await writer.wait_for(events, wait_seconds)
        return written_answer({"events": [event_as_json(event) for event in events], "shown": is_shown})

    return routes


def _messages(request: Request, body: bytes, topic_prefix: str) -> list[Outgoing]:
    content_type = request.headers.get("content-type")
    try:
        return messages_of(body, content_type, request.headers.raw, topic_prefix)
    except WrongContentType as wrong:
        raise Problem(415, str(wrong)) from None
    except WrongEvents as wrong:
        errors = [
            {
                "index": each.index,
                "rule": each.invalid.rule,
                "pointer": each.invalid.pointer,
                "message": each.invalid.message,
                "source": each.invalid.source,
                "id": each.invalid.id,
            }
            for each in wrong.wrong
        ]
        raise Problem(422, str(wrong), WRONG_EVENT, errors=errors) from None
