"""Simulate, publish, drain: with bars on a terminal, else with a line for each."""

import asyncio
import threading
from pathlib import Path

from rich.progress import Progress, TaskID

from tokens.demo.events import DAYS, TOKENS, demo_events
from tokens.draining import drain
from tokens.failure import Failure
from tokens.progress_bars import bars
from tokens.publishing.plan import BadLine
from tokens.publishing.publish import Published, publish
from tokens.settings import Settings
from tokens.up.supervisor import Say

_DRAIN_SECONDS = 600


class _Interrupted(Exception):
    """The demo was stopped while a thread worked for it."""


class _Steps:
    """The bar of the step at hand. Once `interrupted` is set, progress ends the thread that reports it."""

    def __init__(self, progress: Progress) -> None:
        self.interrupted = threading.Event()
        self._progress = progress
        self._task: TaskID | None = None

    def begin(self, description: str, total: int | None = None) -> None:
        if self._task is not None:
            self._progress.remove_task(self._task)
        self._task = self._progress.add_task(description, total=total, unit="events")

    def at(self, done: int, total: int | None = None) -> None:
        if self.interrupted.is_set():
            raise _Interrupted
        assert self._task is not None
        self._progress.update(self._task, completed=done, total=total)

    # What `publish` reports to.

    def checked(self, size_bytes: int) -> None:  # noqa: ARG002 - the file is small, a bar of its own would flicker
        if self.interrupted.is_set():
            raise _Interrupted

    def planned(self, messages: int) -> None:
        self.begin("publish", messages)

    def sent(self, messages: int) -> None:
        self.at(messages)


async def load_demo(settings: Settings, say: Say) -> None:
    """Bring the demo's events into the report. Raises Failure. May be cancelled at any time."""
    with bars() as progress:
        steps = _Steps(progress)
        try:
            say(f"simulating a company: {TOKENS:,} service tokens, {DAYS} days")
            steps.begin("simulate")
            file = await asyncio.to_thread(demo_events, settings.data, steps.at)
            here = Path.cwd()
            say(f"publishing {file.relative_to(here) if file.is_relative_to(here) else file}")
            steps.begin("check")
            published = await asyncio.to_thread(_publish, file, settings, steps)
            say(f"recording {published.published:,} events")
            steps.begin("record")
            await drain(settings, timeout_seconds=_DRAIN_SECONDS, on_progress=steps.at)
        finally:
            steps.interrupted.set()


def _publish(file: Path, settings: Settings, steps: _Steps) -> Published:
    with file.open("rb") as source:
        return publish(source, settings, skip_bad=False, on_bad_line=_refuse, progress=steps)


def _refuse(bad_line: BadLine) -> None:
    raise Failure(f"line {bad_line.number} of the demo's events is bad: {bad_line.invalid.message}")
