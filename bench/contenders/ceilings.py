"""What Postgres itself takes, with nothing in the way: COPY of the final rows, or of every message as it came.

    python -m bench.contenders.ceilings BOOTSTRAP TOPIC_PREFIX GROUP DATABASE_URL rows|journal

The messages are read and folded before the clock starts, so that neither Kafka nor Python counts. What is stored is
what the fastest loop stores, each row once, 10,000 a transaction.
"""

import asyncio
import itertools
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import uvloop
from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

from bench.contenders.fastest_loop import BATCH, SCHEMA, Changes
from bench.contenders.program import Program
from bench.contenders.the_loop import COLUMNS, TOPICS
from bench.verdict import Expectations, rows_counted

__all__ = ["SCHEMA", "Ceiling"]

_STORED = b"stored"
_PLACE = ("evse_id", "station_serial", "station_name", "applied_date")


class Ceiling(Program):
    """Its place is at the end, or at the beginning: it says in its log when it has stored everything."""

    async def place(self, connection: Any, log: Path) -> int | None:  # noqa: ARG002
        return await asyncio.to_thread(_said, log)

    async def judge(self, connection: Any, expected: Expectations) -> tuple[int, str]:
        if "journal" in self.options:
            return await rows_counted(connection, self.name, expected.messages, "journal"), ""
        return await super().judge(connection, expected)


def _said(log: Path) -> int | None:
    said = log.read_bytes().split()
    if b"consuming" not in said:
        return None
    return int(said[-1]) if _STORED in said else 0


async def run(bootstrap: str, topic_prefix: str, _: str, database_url: str, what: str) -> None:
    connection = await asyncpg.connect(database_url)
    records = _records(bootstrap, topic_prefix)
    table = "journal"
    columns: tuple[str, ...] = ("topic", "partition", "offset", "key", "message")
    rows: Iterable[tuple[Any, ...]] = records
    if what == "rows":
        table, columns = "tokens", ("token_serial", *COLUMNS)
        rows = _rows(message for *_, message in records)
    stored = iter(list(rows))
    sys.stdout.write("consuming\n")
    sys.stdout.flush()
    while batch := list(itertools.islice(stored, BATCH)):
        await connection.copy_records_to_table(table, records=batch, columns=columns)
    sys.stdout.write(f"{_STORED.decode()} {len(records)}\n")
    sys.stdout.flush()
    await connection.fetchval(
        "select pg_sleep(3600)"
    )  # whoever measures it reads what it cost before it ends


def _records(bootstrap: str, topic_prefix: str) -> list[tuple[Any, ...]]:
    """Topic after topic, whole."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "ceilings", "enable.auto.commit": False})
    listed = consumer.list_topics().topics
    records: list[tuple[Any, ...]] = []
    for topic in TOPICS:
        name = topic_prefix + topic
        places = [TopicPartition(name, number, OFFSET_BEGINNING) for number in listed[name].partitions]
        missing = sum(consumer.get_watermark_offsets(each)[1] for each in places)
        consumer.assign(places)
        while missing:
            found = consumer.consume(BATCH, 0.5)
            records += [(name, each.partition(), each.offset(), each.key(), each.value()) for each in found]
            missing -= len(found)
    consumer.close()
    return records


def _rows(messages: Iterable[bytes]) -> Iterator[tuple[Any, ...]]:
    changes = Changes()
    for message in messages:
        changes.add(message)
    for serial in changes.unapplied:
        cells = changes.cells(serial)
        for number, column in enumerate(COLUMNS):
            if column in _PLACE:
                cells[number] = None
    for serial, cells in changes.tokens.items():
        yield (serial, *cells)


if __name__ == "__main__":
    uvloop.run(run(*sys.argv[1:]))
