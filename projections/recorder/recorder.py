"""The recorder: keeps a connection, and carries each batch through, whatever Postgres says on the way."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import structlog

from lifecycle.calendar import Calendar
from lifecycle.recording import Batch, OffsetsMoved, Partition, Received, Recorded, Unavailable
from projections.fold_version import fold_version, why_rebuild_is_due
from projections.migrate import check_schema
from projections.recorder import offsets
from projections.recorder.connection import connect
from projections.recorder.draft import Drafts
from projections.recorder.failures import OFFENSIVE, RACES, RaceLost, TooWide, is_away
from projections.recorder.transaction import Transaction
from schemas.rules import Invalid

logger = structlog.get_logger()

RACES_IN_A_ROW = 20
STATEMENT_SECONDS = 300


class PostgresRecorder:
    """Records batches, one transaction each.

    `clock` gives now in microseconds. The database must be migrated: `SchemaMismatch` says so where it is not.
    """

    def __init__(self, database_url: str, calendar: Calendar, clock: Callable[[], int]) -> None:
        self._database_url = database_url
        self._calendar = calendar
        self._clock = clock
        self._drafts: Any = None
        self._connection: Any = None
        self._fold_version = 0

    async def open(self) -> None:
        """Connect, check the schema, and learn the number of this version of the fold.

        Raises `OlderFoldVersion` where rows are to be folded with another one.
        """
        try:
            await self._open()
        except Exception as error:
            if not is_away(error):
                raise
            await self._drop_connection()
            raise Unavailable(f"the database cannot be reached: {error}") from error

    async def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            await self._connection.close(timeout=5)
            self._connection = None

    async def places(
        self, beginnings: Mapping[Partition, int], topic_ids: Mapping[str, str]
    ) -> dict[Partition, int]:
        """The next offset of each partition, as `lifecycle.recording.Recorder` says."""
        try:
            await self._ensure_open()
            return await offsets.places(self._connection, beginnings, topic_ids)
        except Exception as error:
            if not is_away(error):
                raise
            await self._drop_connection()
            raise Unavailable(f"the database does not give the offsets: {error}") from error

    async def record(self, batch: Batch) -> Recorded:
        """Record a batch whole. An event that Postgres cannot store is found by halving and becomes a dead letter."""
        lost: Exception | None = None
        for _ in range(RACES_IN_A_ROW):
            try:
                await self._ensure_open()
                draft = self._drafts.begin(self._fold_version)
                transaction = Transaction(self._connection, draft, self._clock, self._fold_version)
                async with asyncio.timeout(STATEMENT_SECONDS):
                    return await transaction.record(batch)
            except (*RACES, RaceLost) as error:
                lost = error
            except TooWide:
                return await self._record_halves(batch)
            except Exception as error:
                if is_away(error):
                    await self._drop_connection()
                    raise Unavailable(
                        f"the database did not record the batch: {type(error).__name__}: {error}"
                    ) from error
                if not isinstance(error, OFFENSIVE):
                    raise
                if len(batch.received) > 1:
                    return await self._record_halves(batch)
                return await self.record(_refused(batch, error))
        raise Unavailable("other workers recorded events of this batch again and again") from lost

    async def _record_halves(self, batch: Batch) -> Recorded:
        first, second = _halves(batch)
        done = await self.record(first)
        try:
            rest = await self.record(second)
        except Unavailable as error:
            # The first half is stored: tried again whole, the batch would find its offsets moved.
            raise OffsetsMoved(str(error)) from error
        return Recorded(*(one + other for one, other in zip(done, rest, strict=True)))

    async def _ensure_open(self) -> None:
        if self._connection is None or self._connection.is_closed():
            await self._open()

    async def _open(self) -> None:
        self._connection = await connect(self._database_url, "tokens worker")
        self._drafts = Drafts(self._calendar)  # what was stored may be another database by now
        await check_schema(self._connection)
        self._fold_version = await fold_version(self._connection, self._calendar)
        due = await why_rebuild_is_due(self._connection, self._calendar)
        if due is not None:
            logger.warning(due)

    async def _drop_connection(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()


def _halves(batch: Batch) -> tuple[Batch, Batch]:
    """Two batches that together are the one: each partition's place moves through the middle."""
    middle = len(batch.received) // 2
    first, second = batch.received[:middle], batch.received[middle:]
    reached = {(each.message.topic, each.message.partition): each.message.offset + 1 for each in first}
    advances = [(each, reached.get((each.topic, each.partition), each.expected)) for each in batch.advances]
    return (
        Batch(first, [each._replace(next=place) for each, place in advances]),
        Batch(second, [each._replace(expected=place) for each, place in advances]),
    )


def _refused(batch: Batch, error: Exception) -> Batch:
    """The same batch of one event, as a dead letter."""
    [received] = batch.received
    if isinstance(received.parsed, Invalid):
        raise error
    logger.warning(
        "event cannot be stored", source=received.parsed.source, id=received.parsed.id, error=str(error)
    )
    invalid = Invalid(
        "unrecordable",
        "",
        f"Postgres cannot store this event ({type(error).__name__}: {error}); correct it and requeue it",
        received.parsed.source,
        received.parsed.id,
    )
    return Batch([Received(received.message, invalid)], batch.advances)
