"""The progress of a publication: two bars, bytes checked and messages that the broker has."""

import os
from types import TracebackType
from typing import IO, Self

from rich.progress import TaskID

from tokens.progress_bars import bars


class PublishProgress:
    """Use it in a `with` statement."""

    def __init__(self, input_bytes: int) -> None:
        self._bars = bars()
        self._check = self._bars.add_task("check", total=input_bytes, unit="bytes")
        self._checked_bytes = 0
        self._send: TaskID | None = None

    @classmethod
    def of_input(cls, source: IO[bytes]) -> Self:
        """The progress of publishing this file."""
        return cls(os.fstat(source.fileno()).st_size)

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def checked(self, size_bytes: int) -> None:
        """So many more bytes of the input were checked."""
        before = self._checked_bytes
        self._checked_bytes += size_bytes
        if (
            before >> 20 != self._checked_bytes >> 20
        ):  # a bar that moves with every line is dearer than the check
            self._bars.update(self._check, completed=self._checked_bytes)

    def planned(self, messages: int) -> None:
        """The check is over: so many messages will be sent."""
        self._bars.update(self._check, completed=self._checked_bytes)
        self._send = self._bars.add_task("publish", total=messages, unit="events")

    def sent(self, messages: int) -> None:
        """The broker has so many messages by now."""
        if self._send is not None:
            self._bars.update(self._send, completed=messages)
