"""The process in which `write_export_apart` has an export made: `python -m projections.export.apart_process`."""

import asyncio
import os
import pickle
import struct
import sys

import uvloop

from projections.export.apart import FRAME_HEAD, MAX_FRAME_BYTES, Frame, Task
from projections.export.snapshot import ExportCutOff
from projections.export.writing import write_export
from projections.query.database import DatabaseAway, QueryTooSlow, reading

# The report comes first: pages and their counts are answered before an export goes on.
_NICENESS = 10
_IN_VAIN = 1


def main() -> None:
    """Read the task, and write frames."""
    os.nice(_NICENESS)
    (size,) = struct.unpack(">I", sys.stdin.buffer.read(4))
    task: Task = pickle.loads(sys.stdin.buffer.read(size))
    try:
        rows = uvloop.run(_make(task))
    except (DatabaseAway, QueryTooSlow, ExportCutOff) as error:
        _send(Frame.ERROR, pickle.dumps(error))
    else:
        _send(Frame.ROWS, str(rows).encode())


async def _make(task: Task) -> int:
    # Postgres gives some kilobytes at a time, and a small frame costs those who send it on as much as a large one.
    waiting = bytearray()

    async def write(chunk: bytes) -> None:
        waiting.extend(chunk)
        if len(waiting) >= MAX_FRAME_BYTES:
            _send_pieces(waiting)

    # Nothing more is said to it; that its input ends means that nobody waits for it any more, which it would
    # not find out otherwise while Postgres sorts.
    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), os._exit, _IN_VAIN)
    async with reading(task.database_url, statement_timeout_s=0) as connection:
        rows = await write_export(connection, task.request, write)
    _send_pieces(waiting)
    return rows


def _send_pieces(waiting: bytearray) -> None:
    for start in range(0, len(waiting), MAX_FRAME_BYTES):
        _send(Frame.PIECE, waiting[start : start + MAX_FRAME_BYTES])
    waiting.clear()


def _send(kind: Frame, content: bytes | bytearray) -> None:
    sys.stdout.buffer.write(FRAME_HEAD.pack(kind, len(content)))
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
