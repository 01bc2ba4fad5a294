"""A body that is written while it is being made."""

import asyncio
from collections.abc import Awaitable, Callable

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from projections.export.snapshot import Write


class ReaderStalled(Exception):
    """The client took nothing for so long that the rest is not kept for it."""


class Streamed(Response):
    """Sends what `produce` gives to its `write`, which waits while the client is slow.

    The answer begins with the first chunk: what `produce` raises before that gets an answer of its own. What
    it raises later goes on to the server, which cuts the connection off without the mark of the end, so that
    the client knows that the body is not whole. A client that goes away stops `produce`.
    """

    def __init__(
        self,
        produce: Callable[[Write], Awaitable[object]],
        media_type: str,
        file_name: str,
        stall_timeout_s: float,
    ) -> None:
        headers = {"Content-Disposition": f'attachment; filename="{file_name}"', "Cache-Control": "no-store"}
        super().__init__(None, headers=headers, media_type=media_type)
        del self.headers["content-length"]
        self._produce = produce
        self._stall_timeout_s = stall_timeout_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        producing = asyncio.create_task(self._send_all(send))
        leaving = asyncio.create_task(_disconnected(receive))
        try:
            await asyncio.wait((producing, leaving), return_when=asyncio.FIRST_COMPLETED)
        finally:
            leaving.cancel()
            if not producing.done():
                producing.cancel()
            await asyncio.wait((producing, leaving))
        if not producing.cancelled():
            producing.result()

    async def _send_all(self, send: Send) -> None:
        begun = False

        async def write(chunk: bytes) -> None:
            nonlocal begun
            try:
                async with asyncio.timeout(self._stall_timeout_s):
                    if not begun:
                        begun = True
                        await send(
                            {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
                        )
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
            except TimeoutError:
                raise ReaderStalled(f"the client took nothing for {self._stall_timeout_s:g} s") from None

        await self._produce(write)
        if not begun:  # an empty body
            await write(b"")
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
