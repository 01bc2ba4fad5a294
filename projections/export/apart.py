"""An export made in a process of its own, so that the event loop of the one who sends it stays free.

Ten exports of CSV in the event loop itself, which only passed through, made other calls wait three times as long.
The process reads from Postgres itself; what it makes comes back through a pipe, in frames. The pipe holds a MB:
while the client is slow, so is the process, and with it Postgres. Its memory goes back to the system when it
ends, and it ends when the client goes away, or when the process that started it does.
"""

import asyncio
import contextlib
import copyreg
import fcntl
import pickle
import struct
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import IntEnum
from typing import IO, Any, NamedTuple

from lifecycle.calendar import Calendar
from projections.export.parameters import ExportRequest
from projections.export.snapshot import ExportCutOff, Write

MAX_FRAME_BYTES = 256 * 1024
# A frame fits in whole: with what pipes hold otherwise, both ends wake up four times for it.
_PIPE_BYTES = 1024 * 1024
FRAME_HEAD = struct.Struct(">BI")
_MODULE = "projections.export.apart_process"


class Frame(IntEnum):
    """What a frame holds: a piece of the file; the number of rows, when it is whole; or why it is not."""

    PIECE = 0
    ROWS = 1
    ERROR = 2


class Task(NamedTuple):
    """What the process is told, pickled, on its standard input, which is closed when its work is in vain."""

    database_url: str
    request: ExportRequest


async def write_export_apart(database_url: str, request: ExportRequest, write: Write) -> int:
    """Give the whole file to `write`, as `write_export` does; the number of rows.

    Raises what `write_export` and the connection raise, and `ExportCutOff` where the process itself fails: its
    words are on standard error.
    """
    async with _process(pickle.dumps(Task(database_url, request))) as frames:
        try:
            while True:
                kind, size = FRAME_HEAD.unpack(await frames.readexactly(FRAME_HEAD.size))
                content = await frames.readexactly(size)
                if kind == Frame.PIECE:
                    await write(content)
                elif kind == Frame.ROWS:
                    return int(content)
                else:
                    raise pickle.loads(content)
        except asyncio.IncompleteReadError:
            raise ExportCutOff("the process that made the export ended before it was whole") from None


@asynccontextmanager
async def _process(task: bytes) -> AsyncIterator[asyncio.StreamReader]:
    """What the process writes. It is gone at the end."""
    process = _start()
    assert process.stdin is not None
    assert process.stdout is not None
    with contextlib.suppress(AttributeError, OSError):  # not everywhere, and not for everybody
        fcntl.fcntl(process.stdout, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    try:
        frames = asyncio.StreamReader(limit=MAX_FRAME_BYTES)
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(frames), process.stdout
        )
        try:
            # A process that has ended takes none of it; what there is to read then says so.
            with contextlib.suppress(BrokenPipeError):
                await asyncio.to_thread(_tell, process.stdin, task)
            yield frames
        finally:
            transport.close()
    finally:
        process.kill()
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
        await asyncio.shield(asyncio.to_thread(process.wait))


def _start() -> subprocess.Popen[bytes]:
    # Not by asyncio, whose wait for an end can last as long as there is something in a pipe that nobody reads.
    return subprocess.Popen(
        [sys.executable, "-m", _MODULE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        # Ctrl-C is for the process that it works for.
        start_new_session=True,
    )


def _tell(stdin: IO[bytes], task: bytes) -> None:
    stdin.write(struct.pack(">I", len(task)) + task)
    stdin.flush()


def _calendar_by_its_zone(calendar: Calendar) -> tuple[Any, ...]:
    return Calendar, (calendar.zone_name,)


# What it keeps besides is made anew.
copyreg.pickle(Calendar, _calendar_by_its_zone)
