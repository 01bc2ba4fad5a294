"""How long answers take over HTTP, one caller at a time."""

import http.client
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode, urlsplit

from bench.pace import loop_milliseconds
from bench.reads.questions import Pairs, Question
from tokens.failure import Failure

_SECONDS_EACH = 1.0
_FEWEST, _MOST = 5, 100
_SLOW_MILLISECONDS = 1_000
_SECONDS_AT_MOST = 6.0
_TIMEOUT_SECONDS = 120
_TOO_SLOW = b"query-too-slow"
"""The API stops a query after some seconds: then that is how long the answer took."""


@dataclass(frozen=True, slots=True)
class Answers:
    """The times of the answers to one question, in milliseconds, in order of size; the count where there is one."""

    question: Question
    milliseconds: Sequence[float]
    count: int | None
    plan: str


class Caller:
    """One connection to the API, kept open as a browser keeps it."""

    def __init__(self, address: str) -> None:
        self.loops: list[float] = []
        """How long a fixed loop took between the calls, in milliseconds."""
        parts = urlsplit(address)
        assert parts.hostname is not None
        self._connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=_TIMEOUT_SECONDS)

    def following(self, question: Question) -> Question:
        """The question for the page that follows the first, where it is one."""
        if ("after", "") not in question.pairs:
            return question
        first = tuple(pair for pair in question.pairs if pair[0] != "after")
        self._connection.close()
        body, _ = self._ask(question.path, first)
        # The cursor holds the instant.
        kept = tuple(pair for pair in first if pair[0] != "as_of")
        return replace(question, pairs=(*kept, ("after", str(json.loads(body)["next"]))))

    def times(self, question: Question) -> tuple[list[float], int | None]:
        """The times, and the count: after one that does not count, until they have taken long enough."""
        # The API closes a connection that rested while the plan was looked at.
        self._connection.close()
        body, milliseconds = self._ask(question.path, question.pairs)
        count = json.loads(body).get("count")
        most = max(_FEWEST, min(_MOST, int(_SECONDS_EACH * 1000 / milliseconds)))
        # Of what is slow, the first is like the others.
        times = [milliseconds] if milliseconds > _SLOW_MILLISECONDS else []
        while len(times) < most and sum(times) < 1000 * _SECONDS_AT_MOST:
            self.loops.append(loop_milliseconds())
            times.append(self._ask(question.path, question.pairs)[1])
        return sorted(times), count

    def _ask(self, path: str, pairs: Pairs) -> tuple[bytes, float]:
        target = f"{path}?{urlencode(pairs)}"
        began = time.perf_counter()
        self._connection.request("GET", target)
        answer = self._connection.getresponse()
        body = answer.read()
        milliseconds = 1000 * (time.perf_counter() - began)
        if answer.status == http.client.SERVICE_UNAVAILABLE and _TOO_SLOW in body:
            return b"{}", milliseconds
        if answer.status != http.client.OK:
            raise Failure(f"{target} was answered {answer.status}: {body[:300]!r}")
        return body, milliseconds
