"""The processes of the service itself: the worker and the API, as children."""

import http.client
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tokens.embedded.child import Child
from tokens.settings import split_address

_ANSWER_SECONDS = 2


class Service:
    """A `tokens` command that runs as a child and answers `/readyz` at `address` (HOST:PORT).

    Its environment is this process's, with `environment` over it, and what `each_start` gives over that.
    """

    def __init__(
        self,
        name: str,
        arguments: Sequence[str],
        *,
        address: str,
        log: Path,
        environment: Mapping[str, str],
        stop_seconds: float,
        inherited: Sequence[int] = (),
        each_start: Callable[[], Mapping[str, str]] = dict,
    ) -> None:
        self.name = name
        self.address = address
        self._arguments = arguments
        self._log = log.absolute()
        self._environment = environment
        self._stop_seconds = stop_seconds
        self._inherited = inherited
        self._each_start = each_start
        self._child: Child | None = None

    @property
    def child(self) -> Child:
        """Its process, once started."""
        assert self._child is not None
        return self._child

    async def start(self) -> None:
        """Run it; it is not ready yet."""
        self._child = Child(
            f"the {self.name}",
            [sys.executable, "-m", "tokens", *self._arguments],
            log=self._log,
            environment={**self._environment, **self._each_start()},
            inherited=self._inherited,
        )

    async def stop(self) -> None:
        """End it. Safe to call again, and before it was started."""
        if self._child is not None:
            await self._child.stop(patience_seconds=self._stop_seconds)

    def obstacles(self) -> list[str] | None:
        """Why it is not ready, in its own words; empty when it is. None while it does not answer."""
        host, port = split_address(self.address)
        connection = http.client.HTTPConnection(host, port, timeout=_ANSWER_SECONDS)
        try:
            connection.request("GET", "/readyz")
            response = connection.getresponse()
            body = response.read()
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()
        if response.status == http.HTTPStatus.OK:
            return []
        return _reasons(body) or [f"it answers {response.status}"]


def _reasons(body: bytes) -> list[str]:
    try:
        answer = json.loads(body)
    except ValueError:
        return []
    reasons = answer.get("reasons") if isinstance(answer, dict) else None
    return [str(reason) for reason in reasons] if isinstance(reasons, list) else []
