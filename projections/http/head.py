"""HEAD: what GET would answer, without its body."""

from starlette.types import ASGIApp, Receive, Scope, Send

_EXPORT = "/export"


class HeadAsGet:
    """Has each HEAD answered as the GET that it stands for; the server leaves the body out.

    Not those of exports: what an export is can be told by its last byte alone, and all of it would be made.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "HEAD" and not scope["path"].endswith(_EXPORT):
            # A copy: by its own the server knows that no body is wanted.
            scope = {**scope, "method": "GET"}
        await self._app(scope, receive, send)
