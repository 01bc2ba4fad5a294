"""The first pass: every line is judged, and the topic and key of the good ones are kept beside the input."""

import struct
import tempfile
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import NamedTuple, Self

from schemas.envelope import Event, parse
from schemas.rules import Invalid
from schemas.topics import EVENT_TYPES, INPUT_TOPICS
from tokens.publishing.lines import Line

_ENTRY = struct.Struct("<BH")
_BAD = 255


class Target(NamedTuple):
    """Where a line goes: a topic without prefix, and the key."""

    topic: str
    key: bytes


class BadLine(NamedTuple):
    """A line that is no event."""

    number: int
    invalid: Invalid


class Plan:
    """Where each line of an input goes, in order; None for a bad one.

    It lies in a temporary file: a billion keys would not fit in memory. Use it in a `with` statement.
    """

    def __init__(self) -> None:
        self.good = 0
        self.bad = 0
        self._file = tempfile.TemporaryFile(prefix="tokens-publish-")  # noqa: SIM115 - closed by __exit__

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def check(self, lines: Iterable[Line]) -> Iterator[BadLine]:
        """Judge all lines; the bad ones, as they are found."""
        for line in lines:
            event = parse(line.value)
            if isinstance(event, Event):
                self.good += 1
                self._keep(EVENT_TYPES[event.type].topic, EVENT_TYPES[event.type].key(event.data).encode())
            else:
                self.bad += 1
                self._file.write(_ENTRY.pack(_BAD, 0))
                yield BadLine(line.number, event)

    def _keep(self, topic: str, key: bytes) -> None:
        self._file.write(_ENTRY.pack(_NUMBERS[topic], len(key)) + key)

    def targets(self) -> Iterator[Target | None]:
        """One for each line that was checked, in order."""
        self._file.seek(0)
        while head := self._file.read(_ENTRY.size):
            topic, key_length = _ENTRY.unpack(head)
            yield None if topic == _BAD else Target(INPUT_TOPICS[topic], self._file.read(key_length))


_NUMBERS = {topic: number for number, topic in enumerate(INPUT_TOPICS)}
