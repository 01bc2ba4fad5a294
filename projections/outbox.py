"""The outbox as the announcer sees it, and the clock that puts in what time alone brings."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any, ParamSpec, TypeVar

from lifecycle.announcing import Entry
from lifecycle.calendar import Calendar
from lifecycle.recording import Unavailable
from projections.fold_version import fold_version
from projections.recorder.connection import connect
from projections.recorder.draft import Drafts
from projections.recorder.failures import is_away
from projections.recorder.refolding import Refolding

LEADER_LOCK = 7_103
TOKENS_A_TICK = 2_000
ENTRIES_AT_ONCE = 20

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")


def _available(
    method: Callable[Arguments, Coroutine[Any, Any, Answer]],
) -> Callable[Arguments, Coroutine[Any, Any, Answer]]:
    """Turn a database that is away into `Unavailable`; the lead is lost with the connection."""

    async def call(*args: Arguments.args, **options: Arguments.kwargs) -> Answer:
        try:
            return await method(*args, **options)
        except Exception as error:
            if not is_away(error):
                raise
            outbox: Any = args[0]
            outbox.drop_connection()
            raise Unavailable(f"the outbox cannot be read: {error}") from error

    return call


class PostgresOutbox:
    """The outbox table, through a connection of its own that holds the lead as long as it lives.

    `clock` gives now in microseconds.
    """

    def __init__(self, database_url: str, calendar: Calendar, clock: Callable[[], int]) -> None:
        self._database_url = database_url
        self._calendar = calendar
        self._clock = clock
        self._drafts: Any = None
        self._connection: Any = None
        self._fold_version = 0
        self._leads = False

    @_available
    async def lead(self) -> bool:
        """Take the lead where it is free: an advisory lock, which Postgres frees when the connection ends."""
        if self._connection is None or self._connection.is_closed():
            self._leads = False
            self._connection = await connect(self._database_url, "tokens announcer")
            self._drafts = Drafts(self._calendar)
            self._fold_version = await fold_version(self._connection, self._calendar)
        if not self._leads:
            self._leads = await self._connection.fetchval("select pg_try_advisory_lock($1)", LEADER_LOCK)
        return self._leads

    @_available
    async def tick(self) -> int:
        """Fold the tokens that are due, announce what changed, and send the notices that are due."""
        async with self._connection.transaction():
            rows = await self._connection.fetch(
                "select token_serial from tokens where due_at <= $1 order by due_at limit $2",
                self._clock(),
                TOKENS_A_TICK,
            )
            if rows:
                draft = self._drafts.begin(self._fold_version)
                refolding = Refolding(self._connection, draft, self._clock, self._fold_version)
                await refolding.fold(sorted(row[0] for row in rows))
        if rows:
            draft.committed()
        return len(rows)

    @_available
    async def pending(self) -> list[Entry]:
        """The oldest entries, in the order in which they were made."""
        rows = await self._connection.fetch(
            "select entry, recorded_at, body from outbox order by entry limit $1", ENTRIES_AT_ONCE
        )
        return [Entry(*row) for row in rows]

    @_available
    async def delete(self, entries: Sequence[Entry]) -> None:
        """Take entries out for good."""
        await self._connection.execute(
            "delete from outbox where entry = any($1::bigint[])", [each.entry for each in entries]
        )

    async def close(self) -> None:
        """Close the connection, and so give up the lead."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close(timeout=5)

    def drop_connection(self) -> None:
        """Let a connection go that is of no use any more."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()
