"""Keeps processes running: one that ends is started again, more slowly each time it ends early."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Protocol

from tokens.embedded.child import Child
from tokens.failure import Failure

Say = Callable[[str], None]

_POLL_SECONDS = 0.2
_FIRST_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 30.0
# One that ran for so long did not end because of how it was started.
_HEALTHY_SECONDS = 60.0


class Process(Protocol):
    """Something that runs as a child process."""

    name: str

    @property
    def child(self) -> Child:
        """Its process, once started."""

    async def start(self) -> None:
        """Run it. Raises Failure."""

    async def stop(self) -> None:
        """End it. Safe to call again."""


async def keep_running(
    process: Process, say: Say, on_restart: Callable[[], Awaitable[None]] | None = None
) -> None:
    """Start `process` again whenever it has ended, until cancelled. It runs when this is called.

    `on_restart` is awaited after each start.
    """
    pause = _FIRST_PAUSE_SECONDS
    while True:
        started = time.monotonic()
        while process.child.exit_code is None:
            await asyncio.sleep(_POLL_SECONDS)
        if time.monotonic() - started > _HEALTHY_SECONDS:
            pause = _FIRST_PAUSE_SECONDS
        say(f"{process.name} ended ({_how(process.child)}); starting it again in {pause:g} s")
        await asyncio.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
        try:
            await process.start()
            if on_restart is not None:
                await on_restart()
        except Failure as failure:
            say(str(failure))
        else:
            say(f"{process.name} runs again")


def _how(child: Child) -> str:
    code = child.exit_code
    if code is not None and code < 0:
        return f"killed by signal {-code}"
    return f"exit code {code}: {child.last_words()}"
