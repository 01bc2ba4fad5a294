"""What the database holds, as the tests compare it with the reference."""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import asyncpg
import msgspec

from lifecycle.announcing import Announcement, StatusChanged
from tests.reference import rules
from tests.reference.instants import written
from tests.reference.rules import Row

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
TABLES = (
    *("segments", "events", "subjects", "tokens", "spans"),
    *("order_lines", "shipment_lines"),
    *("outbox", "offsets", "dead_letters"),
)
_decode_announcements = msgspec.msgpack.Decoder(list[Announcement]).decode


def moment(microseconds: int) -> datetime.datetime:
    """The instant as Postgres's driver takes it."""
    return EPOCH + datetime.timedelta(microseconds=microseconds)


async def reports(connection: asyncpg.Connection, instants: Iterable[int]) -> dict[int, dict[str, Row]]:
    """The report at each instant (microseconds) by the SQL contract: serial to row as the API shows it."""
    found: dict[int, dict[str, Row]] = defaultdict(dict)
    rows = await connection.fetch(
        "select at, report.* from unnest($1::timestamptz[]) as at, service_tokens_at(at) as report",
        [moment(each) for each in instants],
    )
    for row in rows:
        cells = {key: shown(value) for key, value in row.items() if key != "at"}
        found[(row["at"] - EPOCH) // datetime.timedelta(microseconds=1)][cells["token_serial"]] = cells
    return found


def shown(value: Any) -> Any:
    """A cell as the API shows it."""
    return value.isoformat() if isinstance(value, datetime.date) else value


def instants_that_matter(histories: Mapping[str, rules.History]) -> list[int]:
    """Every instant at which a row changes, and a microsecond to either side."""
    return sorted({each + step for each in rules.boundaries_from(histories) for step in (-1, 0, 1)})


async def difference(connection: asyncpg.Connection, histories: Mapping[str, rules.History]) -> str | None:
    """In words, the first row at an instant that matters which is not the reference's; None: all are."""
    instants = instants_that_matter(histories)
    stored = await reports(connection, instants)
    for at in instants:
        found = compared(rules.rows_from(histories, at), stored.get(at, {}))
        if found is not None:
            return f"at {written(at)}, {found}"
    return None


def compared(expected: Mapping[str, Row], actual: Mapping[str, Row]) -> str | None:
    """In words, the first row that is not as expected."""
    for serial in sorted(expected.keys() | actual.keys()):
        ours, theirs = actual.get(serial), expected.get(serial)
        if ours == theirs:
            continue
        if ours is None or theirs is None:
            return f"{serial} is in the report by the {'reference' if ours is None else 'database'} alone"
        cells = ", ".join(
            f"{key} {ours.get(key)!r} where the rules say {theirs.get(key)!r}"
            for key in sorted(ours.keys() | theirs.keys())
            if ours.get(key) != theirs.get(key)
        )
        return f"{serial}: {cells}"
    return None


async def said(connection: asyncpg.Connection) -> list[Announcement]:
    """All that the outbox holds, in order."""
    bodies = await connection.fetch("select body from outbox order by entry")
    return [announcement for (body,) in bodies for announcement in _decode_announcements(body)]


async def announcements(connection: asyncpg.Connection) -> list[StatusChanged]:
    """The changes of status among it; the notices are left out."""
    return [each for each in await said(connection) if isinstance(each, StatusChanged)]


async def offsets(connection: asyncpg.Connection) -> dict[tuple[str, int], int]:
    """How far each partition was read, those at 0 left out."""
    rows = await connection.fetch("select topic, partition, next_offset from offsets where next_offset > 0")
    return {(topic, partition): offset for topic, partition, offset in rows}


async def contents(connection: asyncpg.Connection) -> dict[str, list[tuple[Any, ...]]]:
    """Everything in every table, the version of each row (xmin) included."""
    found = {}
    for table in TABLES:
        rows = await connection.fetch(f"select xmin::text::bigint, * from {table} order by 2, 3")
        found[table] = [tuple(row) for row in rows]
    return found


async def emptied(connection: asyncpg.Connection) -> None:
    """Begin again with empty tables."""
    await connection.execute(f"truncate {', '.join(TABLES)} restart identity")
