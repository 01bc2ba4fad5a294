"""The place in a list from which its next page goes on, as text that means nothing to the reader.

A cursor pins `as_of`, so that all pages are of one instant, and holds a digest over itself and its query, so
that one that was cut, altered or taken from another query is refused instead of giving a wrong page. It
guards against mistakes, not against malice: whoever makes one up sees no more rows than their scope has.
"""

import base64
import hashlib
import re
from datetime import date
from typing import Any, NamedTuple

import orjson

from projections.query.sorting import Sort, SortKey, key_type

_DIGEST_BYTES = 12
_ALPHABET = re.compile(r"[A-Za-z0-9_-]+")


class Position(NamedTuple):
    """The last row of a page: its sort key and its own; and the instant of the list (microseconds)."""

    as_of: int
    sort_key: SortKey
    row_key: str


def encode_cursor(position: Position, fingerprint: bytes) -> str:
    """The cursor (base64url without padding) of a position in the query that has this fingerprint."""
    return sealed(tuple(position), fingerprint)


def decode_cursor(text: str, fingerprint: bytes, sort: Sort) -> Position:
    """The position that `encode_cursor` wrote. Raises `ValueError` for any other text."""
    as_of, sort_key, row_key = unsealed(text, fingerprint)
    if sort.column is not None and sort_key is not None and key_type(sort.column) is date:
        sort_key = date.fromisoformat(sort_key)
    return Position(as_of, sort_key, row_key)


def sealed(place: tuple[object, ...], fingerprint: bytes) -> str:
    """A cursor of any list: what JSON can hold of a place in the query that has this fingerprint."""
    body = orjson.dumps(place)
    return _text(_digest(body, fingerprint) + body)


def unsealed(text: str, fingerprint: bytes) -> list[Any]:
    """What `sealed` was given. Raises `ValueError` for any text that it did not write."""
    if _ALPHABET.fullmatch(text) is None:
        raise ValueError("no cursor")
    decoded = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    digest, body = decoded[:_DIGEST_BYTES], decoded[_DIGEST_BYTES:]
    # The last character has bits that decode to nothing: one text alone stands for a position.
    if _text(decoded) != text or digest != _digest(body, fingerprint):
        raise ValueError("cut, altered, or of another query")
    place: list[Any] = orjson.loads(body)
    return place


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode("ascii")


def _digest(body: bytes, fingerprint: bytes) -> bytes:
    return hashlib.blake2b(body, key=fingerprint, digest_size=_DIGEST_BYTES).digest()
