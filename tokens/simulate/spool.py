"""Lines in the order of their delivery, in memory that does not grow with their number.

A customer's events are made together but spread over years, so all lines must wait until the last customer is
done. They wait in buckets by stretch of time; what does not fit in memory waits in a file per bucket, in a
temporary folder. Read back, one bucket at a time is sorted.
"""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType

HELD_BYTES = 48 * 1024 * 1024
BUCKET_BYTES = 16 * 1024 * 1024
MOST_BUCKETS = 1024
KEY_BYTES = 16  # the instant in hexadecimal, so that sorting the bytes sorts by instant


class Spool:
    """Takes lines in any order and gives them back by instant (microseconds), and by their bytes where equal.

    `expected_bytes` sizes the buckets; a wrong guess costs memory or small files, nothing else. Use it in a
    `with` statement: that removes the temporary files. Raises `OSError` where they cannot be written.
    """

    def __init__(self, first: int, last: int, expected_bytes: int) -> None:
        self.lines_held = 0
        self._first = first
        self._count = min(MOST_BUCKETS, 1 + expected_bytes // BUCKET_BYTES)
        self._width = 1 + (last - first) // self._count
        self._buckets: list[list[bytes]] = [[] for _ in range(self._count)]
        self._bytes_held = 0
        self._folder: TemporaryDirectory[str] | None = None

    def __enter__(self) -> "Spool":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._folder is not None:
            self._folder.cleanup()

    def add(self, at: int, line: bytes) -> None:
        """Keep a line (without newline) for that instant; one outside the range goes first or last."""
        bucket = min(max((at - self._first) // self._width, 0), self._count - 1)
        self._buckets[bucket].append(b"%016x%b" % (at, line))
        self.lines_held += 1
        self._bytes_held += len(line)
        if self._bytes_held > HELD_BYTES:
            self._write_out()

    def lines(self) -> Iterator[bytes]:
        """All lines, each without newline; they are forgotten as they are given."""
        for bucket, held in enumerate(self._buckets):
            self._buckets[bucket] = []
            if self._folder is not None:
                file = self._file(self._folder, bucket)
                if file.exists():
                    held = file.read_bytes().splitlines() + held
                    file.unlink()
            held.sort()
            for keyed in held:
                yield keyed[KEY_BYTES:]

    def _write_out(self) -> None:
        if self._folder is None:
            self._folder = TemporaryDirectory(prefix="tokens-simulate-")
        for bucket, held in enumerate(self._buckets):
            if held:
                with self._file(self._folder, bucket).open("ab") as file:
                    file.write(b"\n".join(held) + b"\n")
                held.clear()
        self._bytes_held = 0

    def _file(self, folder: TemporaryDirectory[str], bucket: int) -> Path:
        return Path(folder.name, f"{bucket:04d}.ndjson")
