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
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> "WritesBehind":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if kind is None:
            await self.done()
            return
        # Each by itself: one that has not begun yet would be called off alone, and leave those before it at work.
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def put(self, write: Write) -> None:
        """Have something written after all that was put in before. Raises what one of those raised."""
        last = self._tasks[-1] if self._tasks else None
        if last is not None and last.done():
            last.result()
        self._tasks.append(asyncio.create_task(_after(last, write)))

    async def done(self) -> None:
        """Wait until everything is written."""
        if self._tasks:
            await self._tasks[-1]
            self._tasks.clear()


async def _after(previous: asyncio.Task[None] | None, write: Write) -> None:
    if previous is not None:
        await previous
    await write()
