"""Lets Postgres store what is ready while the next rows are made."""

import asyncio
from collections.abc import Awaitable, Callable
from types import TracebackType

Write = Callable[[], Awaitable[None]]


class WritesBehind:
    """Writes through one connection, one after the other, beside the work of the one who puts them in.

    The connection is theirs until `done`. Leaving the context waits for them, and raises what the first that failed
    raised; where it is left by an exception, they are called off.
    """

    def __init__(self) -> None:
        self._last: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "WritesBehind":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if kind is not None and self._last is not None:
            self._last.cancel()
            await asyncio.gather(self._last, return_exceptions=True)
            return
        await self.done()

    def put(self, write: Write) -> None:
        """Have something written after all that was put in before."""
        self._last = asyncio.create_task(_after(self._last, write))

    async def done(self) -> None:
        """Wait until everything is written."""
        last, self._last = self._last, None
        if last is not None:
            await last


async def _after(previous: asyncio.Task[None] | None, write: Write) -> None:
    if previous is not None:
        await previous
    await write()
