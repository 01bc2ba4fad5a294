"""The API of the benchmark, a process of its own, and what it and the processes of its exports hold."""

import asyncio
import re
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil

from tokens.embedded.child import Child
from tokens.failure import Failure

_READY_SECONDS = 60
_STOP_SECONDS = 10
_ROOT = Path(__file__).parent.parent.parent
_ADDRESS = re.compile(r"listening at (http://\S+)")


@asynccontextmanager
async def running_api(folder: Path, database_url: str) -> AsyncIterator[tuple[Child, str]]:
    """`tokens api` on a free port, and its address."""
    log = folder / "api.log"
    log.unlink(missing_ok=True)
    environment = {
        "TOKENS_DATABASE_URL": database_url,
        "TOKENS_HTTP": "127.0.0.1:0",
        "PYTHONPATH": str(_ROOT),
    }
    api = Child("the API", [sys.executable, "-m", "tokens", "api"], log=log, environment=environment)
    try:
        yield api, await _address(api)
    finally:
        await api.stop(patience_seconds=_STOP_SECONDS)


async def _address(api: Child) -> str:
    deadline = time.monotonic() + _READY_SECONDS
    while (found := _ADDRESS.search(api.log.read_text())) is None:
        if api.exit_code is not None or time.monotonic() > deadline:
            raise Failure(f"the API did not start ({api.last_words()}); its log is {api.log}")
        await asyncio.sleep(0.05)
    return found[1]


class Memory:
    """The most memory, in bytes, that a process and its children were ever seen to hold, what they share counted
    once; looked at every `every_seconds`.
    """

    def __init__(self, pid: int, every_seconds: float = 0.2) -> None:
        self._process = psutil.Process(pid)
        self._every_seconds = every_seconds
        self.most = 0
        self.most_of_children = 0

    async def watch(self) -> None:
        """Look, until cancelled."""
        while True:
            children = sum(_held(child) for child in _children(self._process))
            self.most_of_children = max(self.most_of_children, children)
            self.most = max(self.most, children + _held(self._process))
            await asyncio.sleep(self._every_seconds)


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children()
    except psutil.Error:
        return []


def _held(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except psutil.Error:  # it has ended
        return 0
