"""Waits until the workers have recorded everything that lay in the topics at the start of the wait."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import asyncpg

from tokens.database import connected
from tokens.failure import Failure
from tokens.servers import database_of
from tokens.settings import Settings
from tokens.topic_ranges import Place, Range, input_ranges

_POLL_SECONDS = 0.1


def _unheard(done: int, total: int) -> None:
    """For a wait that nobody watches."""


@dataclass(frozen=True, slots=True)
class Drained:
    """What was waited for. `waited` is how many messages were not yet recorded at the start."""

    messages: int
    waited: int
    partitions: int


async def drain(
    settings: Settings, *, timeout_seconds: float, on_progress: Callable[[int, int], None] = _unheard
) -> Drained:
    """Return when the stored offsets have reached the ends that all input topics have now.

    `on_progress` hears how many of the waited-for messages are recorded, of how many. Dead letters count as
    recorded. Raises Failure when the time is over, with the partitions behind, or where a server is away.
    """
    deadline = time.monotonic() + timeout_seconds
    ranges = await asyncio.to_thread(input_ranges, settings)
    waited: int | None = None
    while True:
        try:
            stored = await stored_offsets(database_of(settings))
        except Failure:  # Postgres may come back before the time is over
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(_POLL_SECONDS)
            continue
        behind = _behind(ranges, stored)
        left = sum(behind.values())
        waited = left if waited is None else waited
        on_progress(waited - left, waited)
        if not behind:
            return Drained(sum(end - begin for begin, end in ranges.values()), waited, len(ranges))
        if time.monotonic() > deadline:
            raise Failure(_timed_out(timeout_seconds, ranges, stored, behind))
        await asyncio.sleep(_POLL_SECONDS)


async def stored_offsets(database_url: str) -> dict[Place, int]:
    """The next offset of each partition that a worker has read. Raises Failure where the database is away."""
    async with connected(database_url) as connection:
        try:
            rows = await connection.fetch("select topic, partition, next_offset from offsets")
        except asyncpg.UndefinedTableError as error:
            raise Failure("the database has no tables yet: run `tokens migrate`") from error
    return {Place(row["topic"], row["partition"]): row["next_offset"] for row in rows}


def _behind(ranges: Mapping[Place, Range], stored: Mapping[Place, int]) -> dict[Place, int]:
    """How many messages are not recorded, of the partitions that have such."""
    left = {place: end - max(stored.get(place, begin), begin) for place, (begin, end) in ranges.items()}
    return {place: count for place, count in left.items() if count > 0}


def _timed_out(
    timeout_seconds: float,
    ranges: Mapping[Place, Range],
    stored: Mapping[Place, int],
    behind: Mapping[Place, int],
) -> str:
    places = ", ".join(
        f"{place.topic}/{place.partition} at {stored.get(place, ranges[place].begin)} of {ranges[place].end}"
        for place in sorted(behind)
    )
    return f"not drained after {timeout_seconds:g} s, {sum(behind.values()):,} messages behind: {places}"
