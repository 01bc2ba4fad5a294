"""What each index that reads are served from costs those who write: rows put in and changed as the recorder does it."""

import io
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg
from rich.console import Console

from bench import processes
from bench.reads.database import database_to_read
from bench.reads.show import put_into_document, save_costs, show_costs
from bench.reads.written import Cost
from projections.query.narrowing import OF_LINE
from projections.recorder import names
from projections.recorder.tokens import COLUMNS, write

_ROWS = 100_000
_BATCH = 5_000
_SCRATCH = "index_costs"

INDEXES = (
    *(
        "tokens_owned",
        "tokens_anomalous",
        "tokens_started",
        "tokens_applied",
        "tokens_not_plain",
        "tokens_without_line",
        "tokens_new",
        "tokens_available",
        "tokens_unshipped",
        "tokens_gone",
    ),
    *("subjects_station", "subjects_station_searched", "spans_owned"),
)
"""Those that reports are read from."""
_ALL = "all of these"
_PLACES = "places"
"""Not an index: that each row comes to a new place, which is kept by its names."""
_ALTERNATIVES = {
    "lower case of each serial": (
        'create index alternative on tokens (lower(token_serial collate "pg_c_utf8"), token_serial)'
    ),
    "the owner's name": "create index alternative on tokens (org_name)",
    "the station's name": 'create index alternative on tokens (lower(station_name collate "pg_c_utf8"), token_serial)',
    "trigrams of the serial": "create index alternative on tokens using gin (token_serial gin_trgm_ops)",
    "trigrams of EVSE and station name": (
        "create index alternative on tokens using gin (evse_id gin_trgm_ops, station_name gin_trgm_ops)"
    ),
    "each of eleven columns of the line": "; ".join(
        f"create index alternative_{column} on tokens ({column})" for column in OF_LINE
    ),
}

# A token as its order leaves it, which is then shipped, applied and started.
_NOT_YET = (
    *("evse_id", "station_serial", "station_name", "applied_date", "activation_date", "expiration_date"),
    *("active_at", "expired_at", "due_at"),
)


async def measure_writes(console: Console, folder: Path, tokens: int) -> None:
    """Print and save what the indexes cost, each alone, all, and some that there are not."""
    async with database_to_read(folder, tokens) as (_, url):
        costs = []
        variants: dict[str, tuple[Sequence[str], str]] = {
            "none of these": ((), ""),
            **{index: ((index,), "") for index in INDEXES if index.startswith("tokens")},
            _PLACES: ((), ""),
            _ALL: (INDEXES, ""),
            **{name: ((), sql) for name, sql in _ALTERNATIVES.items()},
        }
        for name, (kept, sql) in variants.items():
            async with _copy(url, kept, sql) as connection:
                costs.append(await _cost(connection, name))
    show_costs(console, costs)
    path = folder / f"writes-{tokens}.md"
    put_into_document("index costs", save_costs(path, tokens, costs))
    console.print(f"saved in {path}")


@asynccontextmanager
async def _copy(url: str, kept: Sequence[str], sql: str) -> AsyncIterator[Any]:
    """A copy of the database with these indexes of ours alone."""
    server, _, name = url.rpartition("/")
    admin = await asyncpg.connect(f"{server}/postgres")
    try:
        await admin.execute(f"drop database if exists {_SCRATCH} with (force)")
        await admin.execute(f"create database {_SCRATCH} template {name}")
        connection = await asyncpg.connect(f"{server}/{_SCRATCH}")
        for index in INDEXES:
            if index not in kept:
                await connection.execute(f"drop index {index}")
        if sql:
            await connection.execute(sql)
        await connection.execute("alter table tokens set (autovacuum_enabled = false)")
        await connection.execute("checkpoint")
        yield connection
        await connection.close()
        await admin.execute(f"drop database {_SCRATCH} with (force)")
    finally:
        await admin.close()


class _Batch(NamedTuple):
    """Rows to write, in whose place, and the new places to which they come, by the columns of these."""

    rows: bytes
    replaced: Sequence[str] = ()
    places: Sequence[Sequence[str]] = ()


async def _cost(connection: Any, name: str) -> Cost:
    is_placed = name in (_PLACES, _ALL)
    new = ", ".join(_as_new(column) for column in COLUMNS)
    later = ", ".join("'N' || token_serial" if column == "token_serial" else column for column in COLUMNS)
    some = f"(select * from tokens where token_serial < 'N' or token_serial >= 'O' order by token_serial limit {_ROWS})"
    made = [await _copied(connection, f"select {new} from {some} as t", offset) for offset in _offsets()]
    mixed = f"from {some} as t order by md5(token_serial)"
    changed = []
    for offset in _offsets():
        rows = await _copied(connection, f"select {later} {mixed}", offset)
        named = await connection.fetch(
            f"""select 'N' || token_serial, 'N' || station_serial, 'N' || station_name, 'N' || evse_id
            {mixed} limit {_BATCH} offset {offset}"""
        )
        places = list(zip(*(place for _, *place in named if place[0] is not None), strict=True))
        changed.append(_Batch(rows, [serial for serial, *_ in named], places if is_placed else ()))
    before = await _disk(connection)
    put_us, put_wal = await _per_row(connection, list(map(_Batch, made)))
    change_us, change_wal = await _per_row(connection, changed)
    return Cost(name, put_us, put_wal, change_us, change_wal, (await _disk(connection) - before) / _ROWS)


async def _per_row(connection: Any, batches: Sequence[_Batch]) -> tuple[float, float]:
    """CPU of the backend, and WAL."""
    backend = await connection.fetchval("select pg_backend_pid()")
    position = await connection.fetchval("select pg_current_wal_insert_lsn()")
    began = processes.cpu_seconds(backend)
    for batch in batches:
        async with connection.transaction():
            await write(connection, batch.rows, batch.replaced, None, [])
            if batch.places:
                await names.store(connection, [(), (), *batch.places])
    used = processes.cpu_seconds(backend) - began
    wal = await connection.fetchval("select pg_current_wal_insert_lsn() - $1::pg_lsn", position)
    return 1e6 * used / _ROWS, float(wal) / _ROWS


def _as_new(column: str) -> str:
    if column == "token_serial":
        return "'N' || token_serial"
    return f"null as {column}" if column in _NOT_YET else column


def _offsets() -> range:
    return range(0, _ROWS, _BATCH)


async def _copied(connection: Any, query: str, offset: int) -> bytes:
    rows = io.BytesIO()
    await connection.copy_from_query(f"{query} limit {_BATCH} offset {offset}", output=rows, format="binary")
    return rows.getvalue()


async def _disk(connection: Any) -> int:
    size: int = await connection.fetchval(
        "select sum(pg_total_relation_size(each)) from unnest(array['tokens', 'places', 'known_places']) as each"
    )
    return size
