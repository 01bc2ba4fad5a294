"""A form that a page sends to be acted on: only from our own pages, and no larger than it may be."""

from urllib.parse import parse_qsl

from fastapi import Request

from projections.http.other_sites import refuse_other_sites
from projections.http.problems import Problem
from projections.http.request_body import bounded_body
from projections.web.address import Pair

MAX_BYTES = 8_000_000
"""Room for as many serials as one request may name, each of the longest, escaped."""


class SentForm:
    """Its fields, by name."""

    def __init__(self, pairs: list[Pair]) -> None:
        self._pairs = pairs

    def one(self, name: str) -> str:
        """A field; empty where it is not there."""
        return next((value for key, value in self._pairs if key == name), "")

    def all(self, name: str) -> list[str]:
        """Every field of that name, in order."""
        return [value for key, value in self._pairs if key == name]


async def read_sent_form(request: Request) -> SentForm:
    """The fields. Raises `Problem` where another site sends them, or they cannot be read."""
    refuse_other_sites(request)
    body = await bounded_body(request, MAX_BYTES)
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if body and content_type != "application/x-www-form-urlencoded":
        raise Problem(415, f"send a form, not {content_type or 'a body of no type'}")
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        raise Problem(422, "the form is no percent-encoded UTF-8") from None
    if any("\0" in value for _, value in pairs):
        raise Problem(422, "a field holds the character NUL, which no cell can hold")
    return SentForm(pairs)
