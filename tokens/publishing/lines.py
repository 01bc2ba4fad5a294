"""The lines of an input of any size, in bounded memory, twice."""

import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

from tokens.embedded.broker import LARGEST_MESSAGE_BYTES
from tokens.failure import Failure, UsageFailure

_COPIED_AT_ONCE_BYTES = 1 << 20


class Line(NamedTuple):
    """One line without its newline. `whole` is false where it is longer than any message may be, and cut."""

    number: int
    value: bytes
    whole: bool


@contextmanager
def opened(file: Path, standard_input: IO[bytes]) -> Iterator[IO[bytes]]:
    """The input as a file that can be read twice; `-` is standard input.

    A pipe is copied to a temporary file. Raises UsageFailure where there is no such file, Failure where the
    copy finds no room.
    """
    try:
        source = standard_input if str(file) == "-" else file.open("rb")
    except OSError as error:
        raise UsageFailure(f"{file} cannot be read: {error.strerror}") from error
    if stat.S_ISREG(os.fstat(source.fileno()).st_mode):
        with source:
            yield source
        return
    with tempfile.TemporaryFile(prefix="tokens-publish-") as copy:
        try:
            while piece := source.read(_COPIED_AT_ONCE_BYTES):
                copy.write(piece)
            copy.seek(0)
        except OSError as error:
            raise Failure(
                f"The input could not be kept in {tempfile.gettempdir()}: {error.strerror}"
            ) from error
        yield copy


def lines(source: IO[bytes], on_bytes: Callable[[int], None]) -> Iterator[Line]:
    """The lines that are not blank, from where `source` stands. `on_bytes` hears how many bytes were read."""
    number = 0
    while text := source.readline(LARGEST_MESSAGE_BYTES + 1):
        number += 1
        length = len(text)
        whole = text.endswith(b"\n") or length <= LARGEST_MESSAGE_BYTES
        value = text.removesuffix(b"\n")
        while not whole and not text.endswith(b"\n"):
            text = source.readline(LARGEST_MESSAGE_BYTES)
            length += len(text)
            if not text:
                break
        on_bytes(length)
        if value.strip():
            yield Line(number, value, whole)
