"""The API: the FastAPI app of `projections/`, on a socket that is bound before anything else is done."""

import socket

import uvicorn

from projections.http.app import create_app
from tokens import clock
from tokens.failure import Failure
from tokens.servers import database_of
from tokens.settings import Settings, split_address

# An export under way is cut off after this, and is seen to be cut off.
_LAST_ANSWERS_SECONDS = 1


def listen(address: str) -> socket.socket:
    """A listening socket at HOST:PORT. Raises Failure in a sentence where that cannot be."""
    host, port = split_address(address)
    try:
        family, kind, protocol, _, target = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(target)
        listener.listen(1024)
    except OSError as error:
        raise Failure(
            f"The API cannot listen at {address} ({error.strerror}): name another address in TOKENS_HTTP; "
            "port 0 takes any free one"
        ) from error
    return listener


def address_of(listener: socket.socket) -> str:
    """HOST:PORT that a listening socket really has."""
    host, port = listener.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def serve(settings: Settings, listener: socket.socket) -> None:
    """Answer on the socket until SIGINT or SIGTERM."""
    app = create_app(
        database_of(settings),
        settings.zone,
        clock.now,
        kafka=settings.kafka,
        topic_prefix=settings.topic_prefix,
    )
    config = uvicorn.Config(
        app,
        loop="uvloop",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_LAST_ANSWERS_SECONDS,
    )
    uvicorn.Server(config).run(sockets=[listener])
