"""The header `Idempotency-Key`, as the IETF's draft has it, or without the quotes, as most send it."""

import re
from typing import Any

from fastapi import Request

from projections.query.refusal import BadQuery, Refusal

HEADER = "Idempotency-Key"
MAX_LENGTH = 255
_BARE = re.compile(r"[!#-~][!-~]*")
_PATTERN = rf"""^(?:[!#-~][!-~]{{0,{MAX_LENGTH - 1}}}|"(?:[ !#-\[\]-~]|\\["\\]){{1,{MAX_LENGTH}}}")$"""
_QUOTED = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\])*)"')

IDEMPOTENCY_KEY: dict[str, Any] = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "A key of your own for this request, such as a UUID: sent again with the same body, it is answered "
    "again and nothing is done twice, for 48 hours. Without one, a request that is repeated is another request.",
    "schema": {"type": "string", "pattern": _PATTERN},
    "example": "3f0cb8a1-5d0e-4f43-9d6c-9b1b1e8a7c11",
}


def idempotency_key(request: Request) -> str | None:
    """The key; None where there is none. Raises `BadQuery`."""
    given = request.headers.getlist(HEADER)
    if not given:
        return None
    quoted = _QUOTED.fullmatch(given[0])
    key = given[0] if quoted is None else re.sub(r"\\(.)", r"\1", quoted[1])
    is_right = quoted is not None or _BARE.fullmatch(given[0]) is not None
    if len(given) > 1 or not is_right or not 1 <= len(key) <= MAX_LENGTH:
        message = (
            f"{HEADER!r} is one text of 1 to {MAX_LENGTH} visible ASCII characters, with or without quotes"
        )
        raise BadQuery(Refusal(HEADER, given[0], message))
    return key
