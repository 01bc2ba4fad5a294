"""What the calls that write have in common: their parameters, their answers, and what they refuse."""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import orjson
from starlette.responses import Response

from projections.http.idempotency_key import IDEMPOTENCY_KEY
from projections.http.openapi import PROBLEM_REFERENCE, problem_responses, query_parameters
from projections.http.problems import (
    KAFKA_AWAY,
    KEY_IN_PROGRESS,
    KEY_OF_ANOTHER,
    MEDIA_TYPE,
    Problem,
    unavailable,
)
from projections.publishing.message import NotPublished
from projections.query.parameters import Parameter
from projections.writing.kept_answers import KeyInProgress, KeyOfAnother
from projections.writing.outgoing import PartlyPublished
from projections.writing.results import PublishedEvent

WAIT_SECONDS = 10
MOST_WAIT_SECONDS = 60

DRY_RUN = Parameter(
    "dry_run",
    "Whether to say what would become of each item, with the token's row before and after, and write nothing.",
    {"type": "boolean", "default": False},
    True,
)
WAIT = Parameter(
    "wait",
    f"How many seconds to wait at most until the report shows what was published; `true` is {WAIT_SECONDS}.",
    {"anyOf": [{"type": "boolean"}, {"type": "integer", "minimum": 0, "maximum": MOST_WAIT_SECONDS}]},
    True,
)


def parse_wait(text: str) -> int:
    """Seconds. Raises `ValueError`."""
    if text in ("true", "false"):
        return WAIT_SECONDS if text == "true" else 0
    if re.fullmatch("[0-9]{1,3}", text) is None or int(text) > MOST_WAIT_SECONDS:
        raise ValueError(
            f"{WAIT.name!r} is true, false, or seconds from 0 to {MOST_WAIT_SECONDS}, not {text!r}"
        )
    return int(text)


def written_answer(body: dict[str, object]) -> Response:
    """202 where `shown` is false: the broker has all of it, and the report will show it; else 200."""
    return Response(
        orjson.dumps(body),
        202 if body["shown"] is False else 200,
        {"Cache-Control": "no-store"},
        "application/json",
    )


def event_as_json(event: PublishedEvent) -> dict[str, object]:
    """Where an event lies."""
    return {
        "source": event.source,
        "id": event.id,
        "type": event.type,
        "topic": event.topic,
        "partition": event.partition,
        "offset": event.offset,
        "dead_letter": event.dead_letter,
    }


@asynccontextmanager
async def refusals() -> AsyncIterator[None]:
    """What a writer refuses, as problems."""
    try:
        yield
    except KeyInProgress as in_progress:
        raise Problem(409, str(in_progress), KEY_IN_PROGRESS) from None
    except KeyOfAnother as of_another:
        raise Problem(422, str(of_another), KEY_OF_ANOTHER) from None
    except PartlyPublished as partly:
        missing = [{"index": index, "message": sentence} for index, sentence in partly.missing]
        published = [event_as_json(event) for event in partly.events]
        raise unavailable(
            f"Kafka has not acknowledged {partly}; what it has is in `published`. Send the same request again: "
            "the same events change nothing",
            KAFKA_AWAY,
            published=published,
            missing=missing,
        ) from None
    except NotPublished as not_published:
        raise unavailable(str(not_published), KAFKA_AWAY) from None


def write_problems() -> dict[int | str, dict[str, Any]]:
    """The declarations of the errors of calls that write."""
    own = {
        403: "A page of another site sent it, or it is for those who see all organizations.",
        408: "The body came too slowly.",
        413: "The body is too large.",
        415: "The body is of another type.",
        422: "A parameter or the body is wrong; `errors` names each place and the rule. Nothing was published.",
        503: "Kafka or Postgres is away; try again later.",
    }
    content = {MEDIA_TYPE: {"schema": PROBLEM_REFERENCE}}
    return {
        **{status: {"description": text, "content": content} for status, text in own.items()},
        **problem_responses(500),
    }


def key_problems() -> dict[int | str, dict[str, Any]]:
    """The declaration of what a call with an Idempotency-Key can answer with, too."""
    content = {MEDIA_TYPE: {"schema": PROBLEM_REFERENCE}}
    return {409: {"description": "A request with that key is being worked on.", "content": content}}


def write_parameters(parameters: Sequence[Parameter], *, keyed: bool) -> list[dict[str, Any]]:
    """The OpenAPI parameters of a call that writes."""
    declared: list[dict[str, Any]] = query_parameters(parameters)["parameters"]
    return [*declared, IDEMPOTENCY_KEY] if keyed else declared
