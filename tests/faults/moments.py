"""The moment at which a worker process ends, and what it notes of the steps on its way there."""

import asyncio
import json
import os
import signal
from collections.abc import Awaitable, Callable
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

TURNS_TO_SEND = 5
"""After so many turns of the loop the bytes that a statement wrote are in the kernel's hands."""


class When(StrEnum):
    """Where in a step the process ends; `DURING`: asked, and not answered yet."""

    BEFORE = "before"
    DURING = "during"
    AFTER = "after"


class Step(NamedTuple):
    """One thing asked of Postgres or Kafka: by which way in (`record`, `tick` ...), and its words."""

    way_in: str
    words: str


class Moment(NamedTuple):
    """Where the process ends: in the first step by that way in whose words begin so."""

    when: When
    way_in: str
    words: str


class Reached(NamedTuple):
    """A step that a worker came by.

    `lasts` where what it does stays whatever happens next: it commits, or is in no transaction, or went to Kafka.
    `path` and `line` are where the statement stands in `projections/`; empty and 0 for a step of Kafka's.
    """

    step: Step
    lasts: bool
    path: str
    line: int


class Doom:
    """Ends this process when the moment comes, and notes the steps on the way to it."""

    def __init__(self, moment: Moment | None, notes: Path) -> None:
        self._moment = moment
        self._notes = os.open(notes, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._noted: set[Reached] = set()

    def strike(self, when: When, step: Step) -> None:
        """End, if this is the moment."""
        if self.comes(when, step):
            os.kill(os.getpid(), signal.SIGKILL)

    def comes(self, when: When, step: Step) -> bool:
        """Whether this is the moment."""
        moment = self._moment
        if moment is None:
            return False
        return (when, step.way_in) == moment[:2] and step.words.startswith(moment.words)

    def note(self, reached: Reached) -> None:
        """Write a step down, the first time."""
        if reached not in self._noted:
            self._noted.add(reached)
            os.write(self._notes, json.dumps(reached).encode() + b"\n")

    async def asking(self, step: Step, ask: Callable[[], Awaitable[Any]]) -> Any:
        """Ask something of a server, unless the end comes before, meanwhile or after."""
        self.strike(When.BEFORE, step)
        answer = asyncio.ensure_future(ask())
        if self.comes(When.DURING, step):
            for _ in range(TURNS_TO_SEND):
                await asyncio.sleep(0)
        self.strike(When.DURING, step)
        try:
            return await answer
        finally:
            self.strike(When.AFTER, step)


def notes_of(path: Path) -> list[Reached]:
    """What was noted, in the order of the first times."""
    found = [json.loads(line) for line in path.read_text().splitlines()]
    return [Reached(Step(*step), lasts, where, line) for step, lasts, where, line in found]
