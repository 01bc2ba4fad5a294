"""`tokens api`: the report over HTTP."""

from typing import Annotated

import typer


def api(
    socket: Annotated[
        int | None, typer.Option(hidden=True, help="A listening socket inherited from `up`.")
    ] = None,
) -> None:
    """Serve the report over HTTP at TOKENS_HTTP, until Ctrl-C."""
    from socket import socket as open_socket

    from tokens.api import address_of, listen, serve
    from tokens.logs import set_up_logs
    from tokens.servers import effective_settings

    settings = effective_settings()
    set_up_logs(settings)
    listener = listen(settings.http) if socket is None else open_socket(fileno=socket)
    if socket is None:
        print(f"listening at http://{address_of(listener)}", flush=True)
    serve(settings, listener)
