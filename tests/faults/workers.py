"""Worker processes of a test: started, asked over HTTP, killed."""

import asyncio
import json
import signal
import urllib.error
import urllib.request
from typing import Any

import psutil

from tests.projections.recorder.waiting import until
from tests.tokens.commands import Command
from tokens.embedded.ports import LOOPBACK, free_port
from tokens.settings import Settings, variable

START_SECONDS = 60


class Worker:
    """A `tokens worker` process on a test's own topics and database."""

    def __init__(self, settings: Settings, **variables: str) -> None:
        self.address = f"{LOOPBACK}:{free_port()}"
        self.command = Command("worker", settings=environment(settings, self.address) | variables)

    @property
    def lines(self) -> list[str]:
        """What it has logged."""
        return self.command.lines

    async def answer(self, path: str) -> tuple[int, Any]:
        """Status and JSON of one of its health endpoints; 0 where nobody answers."""
        return await asyncio.to_thread(_get, f"http://{self.address}{path}")

    async def is_ready(self) -> bool:
        """Whether it says that batches can be recorded."""
        return (await self.answer("/readyz"))[0] == 200

    async def until_ready(self) -> None:
        """Wait for its start, or its recovery."""

        async def is_ready() -> bool:
            assert self.command.process.status() != psutil.STATUS_ZOMBIE, f"it has ended:\n{self.log()}"
            return await self.is_ready()

        await until(is_ready, "the worker is ready", START_SECONDS)

    async def until_hindered_by(self, words: str) -> None:
        """Wait until `/readyz` gives a reason with these words."""

        said: list[Any] = []

        async def says_so() -> bool:
            said.append(await self.answer("/readyz"))
            status, body = said[-1]
            return status == 503 and any(words in reason for reason in body["reasons"])

        try:
            await until(says_so, f"/readyz says {words!r}", START_SECONDS)
        except AssertionError as error:
            raise AssertionError(f"{error}; it says {said[-1]}") from None

    def kill(self) -> None:
        """As the machine does when it runs out of memory: no word, no cleaning up."""
        assert self.command.end(signal.SIGKILL, timeout_seconds=10) == -signal.SIGKILL

    def log(self) -> str:
        """All its output."""
        return "\n".join(self.lines)


def environment(settings: Settings, address: str) -> dict[str, str]:
    """The settings as the variables of a process that answers at `address`."""
    values = settings.model_dump(exclude={"worker_http"}, exclude_none=True)
    return {
        **{variable(name): str(value) for name, value in values.items()},
        variable("worker_http"): address,
    }


def _get(url: str) -> tuple[int, Any]:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)
    except OSError:
        return 0, None
