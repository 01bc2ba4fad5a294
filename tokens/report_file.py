"""Where an export is written to: a file that appears when it is whole, or standard output."""

import errno
import os
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from tokens.failure import Failure

Write = Callable[[bytes], Coroutine[None, None, None]]


class ReaderGone(Exception):
    """Whoever read our standard output has stopped; that is their right, and nothing to talk about."""


@contextmanager
def written_file(path: Path) -> Iterator[Write]:
    """Write to a new file beside `path`, which takes its place at the end; a failure leaves `path` alone.

    Pipes and devices are written to as they are. Raises Failure where the file cannot be written.
    """
    if path.exists() and not path.is_file():
        target = unfinished = path
    else:
        # Where `path` is a link, what it leads to is replaced, and the link stays.
        target = path.resolve()
        unfinished = target.with_name(f".{target.name}.{os.getpid()}.unfinished")
    try:
        file = unfinished.open("wb")
    except OSError as error:
        raise Failure(f"{path} cannot be written: {error.strerror}") from error
    try:
        yield _writer(file, str(path))
        _checked(lambda: _settle(file), str(path))
        file.close()
        if unfinished != target:
            unfinished.replace(target)
    except BaseException:
        with suppress(OSError):  # what is left in its buffer may fail to be written once more
            file.close()
        if unfinished != target:
            with suppress(OSError):
                unfinished.unlink()
        raise


@contextmanager
def written_stdout() -> Iterator[Write]:
    """Write to standard output. Raises ReaderGone where nobody reads it any more."""
    # Not `sys.stdout.buffer`: under PYTHONUNBUFFERED it has no buffer, and may write only a part of it all.
    with open(sys.stdout.fileno(), "wb", closefd=False) as file:
        try:
            yield _writer(file, "standard output")
            _checked(file.flush, "standard output")
        except BaseException:
            # What is left in the buffer would be written, and fail once more, when it is closed.
            os.dup2(os.open(os.devnull, os.O_WRONLY), file.fileno())
            raise


def _writer(file: BinaryIO, name: str) -> Write:
    async def write(chunk: bytes) -> None:
        _checked(lambda: file.write(chunk), name)

    return write


def _settle(file: BinaryIO) -> None:
    file.flush()
    try:
        os.fsync(file.fileno())
    except OSError as error:
        if error.errno != errno.EINVAL:  # a pipe or a device
            raise


def _checked(step: Callable[[], object], name: str) -> None:
    """Errors of the file must not be taken for errors of the connection that the rows come from."""
    try:
        step()
    except BrokenPipeError:
        raise ReaderGone from None
    except OSError as error:
        raise Failure(f"{name} cannot be written: {error.strerror}") from error
