"""Starts everything in its order, keeps it running, and ends it in the opposite order."""

import asyncio
import contextlib
import os
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path

from tokens.api import address_of, listen
from tokens.embedded import ports
from tokens.failure import Failure
from tokens.running import Running, announce, only_one
from tokens.settings import Settings, split_address, variable
from tokens.up.embedded_servers import EmbeddedServers
from tokens.up.services import Service
from tokens.up.supervisor import Say, keep_running

# Under 10 s together with what the servers take, which is 4.5 s at most.
_API_STOP_SECONDS = 1.5
_WORKER_STOP_SECONDS = 3.5
_READY_SECONDS = 120.0
# After a worker that was killed, the next one waits until Kafka has given that one up.
_IMPATIENT_SECONDS = 5.0
_POLL_SECONDS = 0.2


@contextlib.asynccontextmanager
async def running(given: Settings, say: Say) -> AsyncIterator[Settings]:
    """Everything on the folder `given.data`: ready inside, with the effective settings; nothing left after.

    `say` hears what happens. Raises Failure in a sentence where it cannot be.
    """
    data = given.data.absolute()
    with only_one(data), listen(given.http) as listener:
        servers = EmbeddedServers(given, data, say)
        services: list[Service] = []
        keeping: list[asyncio.Task[None]] = []
        try:
            await servers.start()
            settings = _with_addresses(servers.settings, data, listener)
            services.extend(_services(settings, listener, servers.worker_settings))
            for service in services:
                await service.start()
            known = settings.model_dump(mode="json", exclude_none=True, exclude={"data"})
            announce(data, Running(os.getpid(), f"http://{reachable(settings.http)}", known))
            await _wait_until_ready(services, say)
            keeping.extend(asyncio.create_task(keep_running(each, say)) for each in services)
            worker = services[0]

            async def prepare_again() -> None:
                if await servers.prepare():
                    await worker.stop()  # it starts again, at the stored offsets

            keeping.extend(
                asyncio.create_task(keep_running(each, say, prepare_again)) for each in servers.processes
            )
            yield settings
        finally:
            for task in keeping:
                task.cancel()
            await asyncio.gather(*keeping, return_exceptions=True)
            for service in reversed(services):
                await service.stop()
            await servers.stop()


def reachable(address: str) -> str:
    """Where a listener at HOST:PORT is reached from this machine."""
    host, port = split_address(address)
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _with_addresses(settings: Settings, data: Path, listener: socket.socket) -> Settings:
    worker_host, worker_port = split_address(settings.worker_http)
    host = f"[{worker_host}]" if ":" in worker_host else worker_host
    return settings.model_copy(
        update={
            "http": address_of(listener),
            "worker_http": f"{host}:{worker_port or ports.free_port()}",
            "data": data,
        }
    )


def _services(
    settings: Settings, listener: socket.socket, worker_settings: Callable[[], Mapping[str, str]]
) -> Iterator[Service]:
    environment = {variable(name): str(value) for name, value in settings if value is not None}
    yield Service(
        "worker",
        ["worker"],
        address=reachable(settings.worker_http),
        log=settings.data / "worker.log",
        environment=environment,
        stop_seconds=_WORKER_STOP_SECONDS,
        each_start=worker_settings,
    )
    yield Service(
        "API",
        ["api", "--socket", str(listener.fileno())],
        address=reachable(settings.http),
        log=settings.data / "api.log",
        environment=environment,
        stop_seconds=_API_STOP_SECONDS,
        inherited=[listener.fileno()],
    )


async def _wait_until_ready(services: list[Service], say: Say) -> None:
    started = time.monotonic()
    said: str | None = None
    while True:
        waiting = [sentence for service in services if (sentence := await _obstacle(service))]
        if not waiting:
            return
        waited_seconds = time.monotonic() - started
        if waited_seconds > _READY_SECONDS:
            raise Failure(f"Not ready after {_READY_SECONDS:g} s: {'; '.join(waiting)}")
        if waited_seconds > _IMPATIENT_SECONDS and waiting[0] != said:
            said = waiting[0]
            say(f"waiting: {said}")
        await asyncio.sleep(_POLL_SECONDS)


async def _obstacle(service: Service) -> str | None:
    """Why a service is not ready, in a sentence. Raises Failure when it has ended."""
    child = service.child
    if child.exit_code is not None:
        raise Failure(f"The {service.name} ended at once ({child.last_words()}); its log is {child.log}")
    obstacles = await asyncio.to_thread(service.obstacles)
    if obstacles == []:
        return None
    reasons = "it does not answer yet" if obstacles is None else "; ".join(obstacles)
    return f"the {service.name} is not ready: {reasons} (its log is {child.log})"
