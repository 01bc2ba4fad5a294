"""Answers that a poller already has are not sent again: `ETag` and `If-None-Match`.

A tag is made from the answer itself. The clock alone changes a report, at instants that no mark of the database
tells, so a call is worked out every time: what a poller saves is the transfer, and the work of comparing.
"""

import hashlib
import re
from collections.abc import Collection, Mapping
from typing import Any

import orjson
from fastapi import Request
from starlette.responses import Response

_TAG = re.compile(r'(?:W/)?("[^"]*")')

# To be asked for again each time, by the one who got it alone: who may see a report now may not later.
_CACHING = "private, no-cache"

IF_NONE_MATCH: dict[str, Any] = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The `ETag` of the answer that you have; where it is still the same, 304 and no body.",
    "schema": {"type": "string"},
    "example": '"2f1d7c0a9be4463fb1a8e0c5d2947b36"',
}


def conditional_answer(request: Request, body: Mapping[str, object], apart: Collection[str] = ()) -> Response:
    """200 with a body in JSON, dates as `YYYY-MM-DD`; or 304 where the one who asks has it already.

    The members named in `apart` may differ between answers that are the same to those who poll.
    """
    content = orjson.dumps(body)
    told = orjson.dumps({key: body[key] for key in body if key not in apart}) if apart else content
    tag = f'"{hashlib.blake2b(told, digest_size=16).hexdigest()}"'
    headers = {"Cache-Control": _CACHING, "ETag": f"W/{tag}" if apart else tag}
    if _is_among(tag, request.headers.getlist("if-none-match")):
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers, media_type="application/json")


def conditional_response(answer: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    """The declarations of a 200, as `json_response` gives it, that may be a 304 instead."""
    etag = {"description": "For `If-None-Match`.", "schema": {"type": "string"}}
    caching = {"description": f"`{_CACHING}`", "schema": {"type": "string"}}
    headers = {"ETag": etag, "Cache-Control": caching}
    return {
        200: {**answer, "headers": headers},
        304: {"description": "The answer is the one that you have.", "headers": headers},
    }


def conditional_parameters(declared: dict[str, Any]) -> dict[str, Any]:
    """The parameters of such a call, as `query_parameters` gives them."""
    return {**declared, "parameters": [*declared["parameters"], IF_NONE_MATCH]}


def _is_among(tag: str, given: list[str]) -> bool:
    """Whether any of the tags is this one. Weak ones count: an answer compressed on its way has those."""
    return any(text.strip() == "*" or tag in _TAG.findall(text) for text in given)
