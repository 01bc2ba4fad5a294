"""Bytes on disk: of each table that our workers filled, and of the topics that they read."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import asyncpg

from bench.event_set import EventSet

_QUERY = """
select relname, pg_total_relation_size(oid), pg_indexes_size(oid) from pg_class
where relkind = 'r' and relnamespace = 'public'::regnamespace order by 2 desc
"""


class Size(NamedTuple):
    """Bytes of a table with all that belongs to it, and of its indexes alone."""

    every: int
    indexes: int


@dataclass(frozen=True, slots=True)
class Disk:
    """What a set of events comes to: the tables, the largest first, and the topics."""

    messages: int
    tokens: int
    tables: Mapping[str, Size]
    topics: int

    @property
    def every(self) -> int:
        """Bytes of all tables."""
        return sum(each.every for each in self.tables.values())

    @property
    def indexes(self) -> int:
        """Bytes of all indexes."""
        return sum(each.indexes for each in self.tables.values())


async def disk_of(database_url: str, broker: Path, topics: Collection[str], events: EventSet) -> Disk:
    """Of a database that these events filled, and of their topics under the broker's folder."""
    connection = await asyncpg.connect(database_url)
    try:
        rows = await connection.fetch(_QUERY)
    finally:
        await connection.close()
    tables = {name: Size(*sizes) for name, *sizes in rows}
    return Disk(events.messages, events.tokens, tables, _bytes_of_topics(broker, topics))


def _bytes_of_topics(broker: Path, topics: Collection[str]) -> int:
    # Of the messages alone: what the broker sets aside for its indexes is of one size, however few there are.
    logs = (log for log in broker.rglob("*.log") if log.parent.name.rpartition("-")[0] in topics)
    return sum(log.stat().st_size for log in logs)
