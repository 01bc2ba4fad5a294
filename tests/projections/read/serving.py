"""The API on a real server, on a port of its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import uvicorn
from fastapi import FastAPI

from projections.http.app import create_app
from tests.projections.read.conftest import NOW, microseconds

NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"


def app_of(database_url: str, **options: float | str) -> FastAPI:
    """The app, at `NOW`."""
    return create_app(database_url, "America/Los_Angeles", lambda: microseconds(NOW), **options)  # type: ignore[arg-type]


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the app."""
    server = uvicorn.Server(
        uvicorn.Config(app, port=0, log_level="critical", ws="none", timeout_graceful_shutdown=1)
    )
    # Without the handlers of signals, which are for a process that does nothing else.
    config = server.config
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    loop = asyncio.create_task(server.main_loop())
    [listening] = server.servers
    host, port = listening.sockets[0].getsockname()[:2]
    try:
        async with httpx.AsyncClient(base_url=f"http://{host}:{port}", timeout=20) as client:
            yield client
    finally:
        server.should_exit = True
        await loop
        await server.shutdown()
