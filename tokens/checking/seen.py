"""Which events a file has had so far, in bounded memory."""

import sqlite3
from types import TracebackType
from typing import NamedTuple, Self

_MEMORY_KIB = 65_536


class First(NamedTuple):
    """The first line that had an event's source and id, and the hash of what it said."""

    line: int
    content: bytes


class Seen:
    """Hashes of source and id, in a temporary database that lies on disk where it grows large.

    A set of Python's takes 200 bytes an event, so 20 GB for the events of a large file. Use it in a `with`
    statement.
    """

    def __enter__(self) -> Self:
        # The empty name: SQLite makes the file where it makes temporary files, and takes it away.
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute(f"pragma cache_size = -{_MEMORY_KIB}")
        self._database.execute("pragma journal_mode = off")
        self._database.execute("pragma synchronous = off")
        self._database.execute(
            "create table seen (identity blob primary key, line integer, content blob) without rowid"
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def first(self, identity: bytes, line: int, content: bytes) -> First | None:
        """The line that had this identity before; None where this is the first, which is noted."""
        noted = self._database.execute(
            "insert into seen values (?, ?, ?) on conflict do nothing", (identity, line, content)
        )
        if noted.rowcount:
            return None
        [(line, content)] = self._database.execute(
            "select line, content from seen where identity = ?", (identity,)
        )
        return First(line, content)
