"""A worker process that SIGKILL ends at a chosen moment of its talk with Postgres and Kafka.

It is the worker as it is. Only here, in its process, is what it talks through wrapped: asyncpg's protocol, the
announcer's producer, and the consumer's commit. Without a moment it notes every step that it comes by, which is how
the tests learn what moments there are.
"""

import asyncio
import json
import multiprocessing
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from enum import StrEnum
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

import asyncpg
from aiokafka import AIOKafkaConsumer
from confluent_kafka import Producer

import projections
from lifecycle import announcer, consumer
from tokens.logs import set_up_logs
from tokens.settings import Settings
from tokens.worker import run_worker

PROJECTIONS = str(Path(projections.__file__).parent)
LONGEST_WORDS = 64
WRITTEN_BEHIND = "_after"
REGISTER = "register"
"""The way in of what a worker's two connections race for at its start."""
OF_ASYNCPG = ("set_type_codec", "_introspect_types")
TURNS_TO_SEND = 5
"""After so many turns of the loop the bytes that a statement wrote are in the kernel's hands."""
SECONDS_TO_SEND_SOME = 0.002


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


class WatchedProtocol:
    """Stands before the protocol of a connection; every statement comes through here, whatever made it."""

    def __init__(self, protocol: Any, doom: Doom) -> None:
        self._protocol = protocol
        self._doom = doom
        self._before = ""
        self._way_in = ""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._protocol, name)

    async def query(self, text: str, *rest: Any) -> Any:
        """A statement without arguments; BEGIN and COMMIT among them."""
        return await self._ask(text, partial(self._protocol.query, text, *rest))

    async def bind_execute(self, state: Any, *rest: Any, **options: Any) -> Any:
        """A prepared statement, and the first rows of a cursor."""
        return await self._ask(state.query, partial(self._protocol.bind_execute, state, *rest, **options))

    async def bind_execute_many(self, state: Any, *rest: Any, **options: Any) -> Any:
        """A prepared statement for many arguments."""
        return await self._ask(
            state.query, partial(self._protocol.bind_execute_many, state, *rest, **options)
        )

    async def copy_in(self, text: str, reader: Any, data: Any, records: Any, *rest: Any) -> Any:
        """COPY; in the middle of it, the server has been asked and waits for the other half of the records."""

        def copying(step: Step) -> Any:
            if not self._doom.comes(When.DURING, step):
                return self._protocol.copy_in(text, reader, data, records, *rest)
            if data is not None:
                return self._protocol.copy_in(text, self._half_of_bytes(step, data), None, records, *rest)
            return self._protocol.copy_in(text, reader, data, self._half(step, records), *rest)

        step = self._step(text)
        if step is None:
            return await copying(Step("", text))
        self._doom.strike(When.BEFORE, step)
        try:
            return await copying(step)
        finally:
            self._doom.strike(When.AFTER, step)

    def _half(self, step: Step, records: Sequence[Any]) -> Iterator[Any]:
        yield from records[: len(records) // 2]
        self._doom.strike(When.DURING, step)

    async def _half_of_bytes(self, step: Step, data: memoryview) -> AsyncIterator[bytes]:
        yield bytes(data[: len(data) // 2])
        self._doom.strike(When.DURING, step)

    async def _ask(self, text: str, ask: Callable[[], Awaitable[Any]]) -> Any:
        step = self._step(text)
        return await (ask() if step is None else self._doom.asking(step, ask))

    def _step(self, text: str) -> Step | None:
        """What a statement is; None where asyncpg asks for what it needs itself."""
        stack = list(_callers(sys._getframe(2)))
        ours = [frame for frame in stack if frame.f_code.co_filename.startswith(PROJECTIONS)]
        if not ours or any(frame.f_code.co_name in OF_ASYNCPG for frame in stack):
            return None
        names = [frame.f_code.co_name for frame in ours]
        if names[-1] != WRITTEN_BEHIND:  # whose task knows only the connection that it works for
            ways_in = [name for name in names if name != "call"]
            self._way_in = REGISTER if "fold_version" in names else ways_in[-1]
        way_in = self._way_in
        words = _words(text)
        step = Step(way_in, f"COMMIT after {self._before}" if words == "COMMIT" else words)
        self._before = words
        lasts = words == "COMMIT" or not (words == "BEGIN" or self._protocol.is_in_transaction())
        path = os.path.relpath(ours[0].f_code.co_filename, PROJECTIONS)
        self._doom.note(Reached(step, lasts, path, ours[0].f_lineno))
        return step


def _words(text: str) -> str:
    words = " ".join(text.replace('"', "").rstrip(";").split())
    return words.partition("(")[0] if words.startswith("COPY") else words[:LONGEST_WORDS]


def _callers(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


def _watch_postgres(doom: Doom) -> None:
    connect = asyncpg.connect

    async def connect_watched(*arguments: Any, **options: Any) -> Any:
        connection: Any = await connect(*arguments, **options)
        connection._protocol = WatchedProtocol(connection._protocol, doom)
        return connection

    _replace(asyncpg, "connect", connect_watched)


def _watch_kafka(doom: Doom) -> None:
    def came_by(step: Step) -> Step:
        doom.note(Reached(step, True, "", 0))
        return step

    class WatchedProducer(Producer):
        """The announcer's."""

        def produce(self, topic: str, *arguments: Any, **options: Any) -> None:
            step = came_by(Step("announce", f"send to {topic.rpartition('.')[2]}"))
            doom.strike(When.BEFORE, step)
            super().produce(topic, *arguments, **options)
            if doom.comes(When.DURING, step):
                super().flush(10)  # this one is with the broker, what comes after it is not
            doom.strike(When.DURING, step)
            doom.strike(When.AFTER, step)

        def flush(self, *arguments: Any) -> int:
            step = came_by(Step("announce", "flush"))
            doom.strike(When.BEFORE, step)
            if doom.comes(When.DURING, step):
                super().flush(SECONDS_TO_SEND_SOME)
            doom.strike(When.DURING, step)
            waiting = super().flush(*arguments)
            doom.strike(When.AFTER, step)
            return waiting

    class WatchedConsumer(AIOKafkaConsumer):  # type: ignore[misc]
        """The worker's."""

        async def commit(self, *arguments: Any) -> None:
            step = came_by(Step("read", "commit to Kafka"))
            await doom.asking(step, partial(super().commit, *arguments))

    _replace(announcer, "Producer", WatchedProducer)
    _replace(consumer, "AIOKafkaConsumer", WatchedConsumer)


def _replace(of: Any, name: str, by: object) -> None:
    assert hasattr(of, name), f"{of} has no {name} any more: what took its place is to be watched"
    setattr(of, name, by)


def _work(settings: Settings, group: str, moment: Moment | None, notes: Path, output: Path) -> None:
    with output.open("ab") as file:
        for stream in (1, 2):
            os.dup2(file.fileno(), stream)
    _replace(Settings, "group", group)
    doom = Doom(moment, notes)
    _watch_postgres(doom)
    _watch_kafka(doom)
    set_up_logs(settings)
    run_worker(settings)


# Forked from one process that has imported everything, a worker is up in a fraction of its usual time.
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload([__name__])


class DoomedWorker:
    """A worker process, in a consumer group of that name; with a moment, its life ends there."""

    def __init__(self, settings: Settings, group: str, folder: Path, moment: Moment | None = None) -> None:
        self.notes, self._output = folder / f"{group}.steps", folder / f"{group}.log"
        self._process = _processes.Process(
            target=_work, args=(settings, group, moment, self.notes, self._output)
        )
        self._process.start()

    @property
    def is_dead(self) -> bool:
        """Whether the moment has come. Fails where it ended otherwise."""
        code = self._process.exitcode
        assert code in (None, -signal.SIGKILL), f"it ended with {code}:\n{self.log()}"
        return code is not None

    def log(self) -> str:
        """All its output."""
        return self._output.read_text(errors="replace")

    def close(self) -> None:
        """End it, for the end of a test."""
        self._process.kill()
        self._process.join()
        self._process.close()
