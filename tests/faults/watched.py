"""What a worker talks with Postgres and Kafka through, wrapped, so that each step comes by its doom.

asyncpg's protocol, the announcer's producer, and the consumer's commit.
"""

import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer
from confluent_kafka import Producer

import projections
from lifecycle import announcer
from tests.faults.moments import Doom, Reached, Step, When

PROJECTIONS = str(Path(projections.__file__).parent)
LONGEST_WORDS = 64
WRITTEN_BEHIND = "_after"
REGISTER = "register"
"""The way in of what a worker's two connections race for at its start."""
OF_ASYNCPG = ("set_type_codec", "_introspect_types")
SECONDS_TO_SEND_SOME = 0.002


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


def watch_postgres(doom: Doom) -> None:
    """Have each connection that this process makes come by `doom`."""
    connect = asyncpg.connect

    async def connect_watched(*arguments: Any, **options: Any) -> Any:
        connection: Any = await connect(*arguments, **options)
        connection._protocol = WatchedProtocol(connection._protocol, doom)
        return connection

    replace(asyncpg, "connect", connect_watched)


def watch_kafka(doom: Doom) -> None:
    """Have what the announcer sends, and what the consumer commits, come by `doom`."""

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

    commit = AIOKafkaConsumer.commit

    async def commit_watched(consumer: AIOKafkaConsumer, *arguments: Any) -> None:
        step = came_by(Step("read", "commit to Kafka"))
        await doom.asking(step, partial(commit, consumer, *arguments))

    replace(announcer, "Producer", WatchedProducer)
    replace(AIOKafkaConsumer, "commit", commit_watched)


def replace(of: Any, name: str, by: object) -> None:
    """Put something else in the place of what goes by this name."""
    assert hasattr(of, name), f"{of} has no {name} any more: what took its place is to be watched"
    setattr(of, name, by)
