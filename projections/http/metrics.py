"""What the API measures, and the middleware that does it."""

import time
from http import HTTPMethod

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

NO_ROUTE = "none"
"""The route of requests that met none: their paths are anybody's and would never end."""

METHODS = frozenset(HTTPMethod)
"""The methods that are counted by name, for the same reason."""


class ApiMetrics:
    """Every metric of the API, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        # Its CPU and memory, without those of the processes that write exports.
        ProcessCollector(registry=self.registry)
        # How many requests were answered, and how.
        self.requests = Counter(
            "tokens_api_requests", "Requests answered.", ["method", "route", "status"], registry=self.registry
        )
        # From the request to the last byte of the answer; exports count apart by their route.
        self.seconds = Histogram(
            "tokens_api_request_seconds", "Time to the last byte.", ["route"], registry=self.registry
        )
        # Answers that broke off after their beginning: a client sees a connection that was cut.
        self.cut_off = Counter(
            "tokens_api_answers_cut_off", "Answers that were not whole.", ["route"], registry=self.registry
        )

    def response(self) -> Response:
        """The metrics in the text format of Prometheus."""
        return Response(generate_latest(self.registry), media_type=CONTENT_TYPE_LATEST)


class Measured:
    """Counts and times every request."""

    def __init__(self, app: ASGIApp, metrics: ApiMetrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status: int | None = None
        started = time.perf_counter()

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception:
            if status is not None:
                self._metrics.cut_off.labels(_route(scope)).inc()
            status = status or 500
            raise
        finally:
            route = _route(scope)
            method = scope["method"] if scope["method"] in METHODS else "other"
            self._metrics.requests.labels(method, route, str(status)).inc()
            self._metrics.seconds.labels(route).observe(time.perf_counter() - started)


def _route(scope: Scope) -> str:
    return getattr(scope.get("route"), "path", NO_ROUTE)
