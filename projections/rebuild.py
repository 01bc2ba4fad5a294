"""The rebuild: every row folded anew from its packed facts, in place, while workers and queries go on.

What is kept of order lines, shipments, stations and names for lists comes first, which takes little time.

Some thousand tokens a transaction, under the locks that the recorder takes; how far it has come is kept beside the
version, so that one that was interrupted goes on. Only rows that differ are written, and only what differs from
what was announced is announced.
"""

import time
from collections.abc import Callable
from typing import Any, NamedTuple

from lifecycle.calendar import Calendar
from projections.fold_version import refuse_if_older, take_up
from projections.migrate import check_schema
from projections.rebuilt_subjects import rebuild_subjects
from projections.recorder import locks, names
from projections.recorder.connection import connect
from projections.recorder.draft import Drafts
from projections.recorder.refolding import Refolding
from projections.stored_rows import load_distrusting

REBUILD_LOCK = 7_104
TOKENS_A_CHUNK = 1_000
MOST_TOKENS_A_CHUNK = 5_000


class Rebuilt(NamedTuple):
    """What a rebuild came to, in numbers of each."""

    tokens: int
    written: int
    announcements: int


class RebuildUnderWay(Exception):
    """Another process is rebuilding this database."""


async def rebuild(
    database_url: str,
    calendar: Calendar,
    clock: Callable[[], int],
    *,
    restart: bool = False,
    on_resume: Callable[[str], None] = lambda _: None,
    on_progress: Callable[[int, int], None] = lambda _, __: None,
) -> Rebuilt:
    """Bring all rows to the calendar's version of the fold, which becomes the newest.

    `clock` gives now in microseconds. One that was interrupted goes on where it was, unless `restart`;
    `on_resume` then hears after which serial, `on_progress` how many tokens are done, of how many. Raises
    `RebuildUnderWay`, `SchemaMismatch`, and `OlderFoldVersion` where another version is taken up meanwhile.
    """
    connection = await connect(database_url, "tokens rebuild")
    try:
        await check_schema(connection)
        if not await connection.fetchval("select pg_try_advisory_lock($1)", REBUILD_LOCK):
            raise RebuildUnderWay("another rebuild of this database is under way; wait for its end")
        number = await take_up(connection, calendar)
        async with connection.transaction():
            # Who writes with another version has such a lock still, or sees from here on that it must not.
            await locks.take_all(connection, locks.TOKENS)
        after = "" if restart else await _through(connection, number)
        if after:
            on_resume(after)
        total = await connection.fetchval("select count(*) from tokens where token_serial > $1", after)
        on_progress(0, total)
        # Both are silent, and take most of a minute where there are ten million tokens.
        await rebuild_subjects(connection)
        await names.mend(connection)
        done = Rebuilt(0, 0, 0)
        drafts = Drafts(calendar)
        size = TOKENS_A_CHUNK
        while serials := await _next(connection, after, size):
            draft = drafts.begin(number)
            refolding = Refolding(connection, draft, clock, number, load_distrusting)
            began = time.monotonic()
            async with connection.transaction():
                await locks.take(connection, locks.TOKENS, serials)
                locked = time.monotonic()
                await refolding.fold(serials)
                after = serials[-1]
                await _note(connection, number, after)
            draft.committed()
            size = next_size(size, waited=locked - began, worked=time.monotonic() - locked)
            done = Rebuilt(
                done.tokens + len(serials),
                done.written + refolding.tokens_written,
                done.announcements + refolding.announced,
            )
            on_progress(done.tokens, max(total, done.tokens))
        await refuse_if_older(connection, number)
        await connection.execute(
            "update fold_versions set rebuilt_at = now(), rebuilt_through = null where fold_version = $1",
            number,
        )
        return done
    finally:
        connection.terminate()


def next_size(size: int, *, waited: float, worked: float) -> int:
    """How many tokens to take next, after a chunk of `size` that waited for its locks and worked so long.

    Workers that are behind record in larger batches, and between two chunks each of them has its turn. A chunk
    that stayed small would wait for most of the time.
    """
    size = size * 2 if waited > worked else size // 2
    return min(max(size, TOKENS_A_CHUNK), MOST_TOKENS_A_CHUNK)


async def _through(connection: Any, number: int) -> str:
    through: str | None = await connection.fetchval(
        "select rebuilt_through from fold_versions where fold_version = $1", number
    )
    return through or ""


async def _next(connection: Any, after: str, size: int) -> list[str]:
    rows = await connection.fetch(
        "select token_serial from tokens where token_serial > $1 order by token_serial limit $2",
        after,
        size,
    )
    return [row[0] for row in rows]


async def _note(connection: Any, number: int, through: str) -> None:
    await connection.execute(
        "update fold_versions set rebuilt_through = $2 where fold_version = $1", number, through
    )
