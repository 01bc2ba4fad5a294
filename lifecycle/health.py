"""What a worker tells of itself over HTTP: `/healthz`, `/readyz`, `/metrics`."""

from aiohttp import web
from mode import Service
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from lifecycle import metrics
from lifecycle.standing import Standing


class Health(Service):
    """A small server. With port 0 it takes a free one; `address` tells which, as host:port."""

    def __init__(self, standing: Standing, host: str, port: int) -> None:
        super().__init__()
        self._standing = standing
        self._host = host
        self._port = port
        self._runner: web.AppRunner | None = None
        self.address = ""

    async def on_start(self) -> None:
        """Listen. Raises OSError where the port is taken."""
        application = web.Application()
        application.add_routes(
            [
                web.get("/healthz", self._healthz),
                web.get("/readyz", self._readyz),
                web.get("/metrics", self._metrics),
            ]
        )
        self._runner = web.AppRunner(application, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.address = f"{host}:{port}"
        self.log.info("worker answers at http://%s", self.address)

    async def on_stop(self) -> None:
        """Close the port."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _healthz(self, _: web.Request) -> web.Response:
        alive = self._standing.is_alive
        reasons = [] if alive else ["the loop that reads and records has not gone round for minutes"]
        return web.json_response({"alive": alive, "reasons": reasons}, status=200 if alive else 503)

    async def _readyz(self, _: web.Request) -> web.Response:
        obstacle = self._standing.obstacle
        reasons = [] if obstacle is None else [obstacle]
        return web.json_response({"ready": not reasons, "reasons": reasons}, status=503 if reasons else 200)

    async def _metrics(self, _: web.Request) -> web.Response:
        return web.Response(
            body=generate_latest(metrics.REGISTRY), headers={"Content-Type": CONTENT_TYPE_LATEST}
        )
