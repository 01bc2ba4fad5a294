"""The end of a request's path that is a serial: any text, slashes too, percent-encoded."""

from urllib.parse import quote, unquote

from fastapi import Request
from starlette.exceptions import HTTPException

from projections.http.problems import UNKNOWN_TOKEN, Problem


def raw_rest(request: Request, prefix: str) -> str:
    """What follows the prefix, still encoded. Raises `Problem` where it is no text."""
    path: str = request.scope["path"]
    raw: bytes = request.scope.get("raw_path") or quote(path).encode()
    try:
        _, found, rest = raw.decode().partition(prefix)
        return rest if found else quote(path.partition(prefix)[2])  # a part of it that need not be escaped is
    except UnicodeDecodeError:
        raise _no_text() from None


def serial_of(encoded: str) -> str:
    """The serial that was encoded. Raises `Problem` and `HTTPException` where no serial can be that."""
    try:
        serial = unquote(encoded, errors="strict")
    except UnicodeDecodeError:
        raise _no_text() from None
    if not serial:
        raise HTTPException(404)
    if "\0" in serial:
        raise Problem(404, "no serial holds the character NUL", UNKNOWN_TOKEN)
    return serial


def _no_text() -> Problem:
    return Problem(404, "the path is no percent-encoded UTF-8", UNKNOWN_TOKEN)
