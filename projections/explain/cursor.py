"""The place in a token's history from which its next page goes on, as text that means nothing to the reader."""

import base64
import hashlib
import re

import orjson

from projections.explain.recorded import Place

_DIGEST_BYTES = 8
_ALPHABET = re.compile(r"[A-Za-z0-9_-]+")


class HistoryCursor:
    """Cursors of one token's history. A digest refuses what was cut, altered, or is another token's."""

    def __init__(self, serial: str) -> None:
        self._fingerprint = hashlib.blake2b(serial.encode(), digest_size=16).digest()

    def encode(self, place: Place) -> str:
        """The cursor (base64url without padding) of a place."""
        body = orjson.dumps(tuple(place))
        return base64.urlsafe_b64encode(self._digest(body) + body).rstrip(b"=").decode("ascii")

    def decode(self, text: str) -> Place:
        """The place that `encode` wrote. Raises `ValueError` for any other text."""
        refusal = "the cursor in `after` was altered or belongs to another token; begin again without `after`"
        if _ALPHABET.fullmatch(text) is None or len(text) % 4 == 1:
            raise ValueError(refusal)
        decoded = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        digest, body = decoded[:_DIGEST_BYTES], decoded[_DIGEST_BYTES:]
        if digest != self._digest(body):
            raise ValueError(refusal)
        place = Place(*orjson.loads(body))
        if self.encode(place) != text:
            raise ValueError(refusal)
        return place

    def _digest(self, body: bytes) -> bytes:
        return hashlib.blake2b(body, key=self._fingerprint, digest_size=_DIGEST_BYTES).digest()
