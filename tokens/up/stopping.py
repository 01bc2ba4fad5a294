"""Ctrl-C, SIGTERM and a closed terminal end a command in order, once."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any


async def until_stopped(work: Coroutine[Any, Any, None]) -> bool:
    """Do the work; a signal cancels it. True where a signal did. Further signals change nothing.

    The work's own cleaning up is waited for: it ends all processes in bounded time.
    """
    loop = asyncio.get_running_loop()
    task = asyncio.create_task(work)
    stopped = False

    def stop() -> None:
        nonlocal stopped
        if not stopped:
            stopped = True
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    if (
        signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN
    ):  # `nohup` is to go on when the terminal is closed
        loop.add_signal_handler(signal.SIGHUP, stop)
    try:
        await task
    except asyncio.CancelledError:
        if not stopped:
            raise
    return stopped
