"""Waits until the report shows what was published: until the workers' offsets have passed it."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace

from projections.http.database import ReportDatabase
from projections.writing.results import PublishedEvent

_POLL_SECONDS = 0.05


async def shown(
    database: ReportDatabase, events: Sequence[PublishedEvent], seconds: float
) -> tuple[bool, list[PublishedEvent]]:
    """Whether all of them were recorded within `seconds`, and then the events with the dead letters they became."""
    deadline = time.monotonic() + seconds
    last: dict[tuple[str, int], int] = {}
    for event in events:
        place = event.topic, event.partition
        last[place] = max(event.offset, last.get(place, 0))
    while not await _have_passed(database, last):
        if time.monotonic() > deadline:
            return False, list(events)
        await asyncio.sleep(_POLL_SECONDS)
    return True, await _with_dead_letters(database, events)


async def _have_passed(database: ReportDatabase, last: dict[tuple[str, int], int]) -> bool:
    # A connection for a moment each: those who wait must not keep the report's from others.
    async with database.querying() as connection:
        passed = await connection.fetchval(
            """
            select count(*) from offsets
            join unnest($1::text[], $2::integer[], $3::bigint[]) as event (topic, partition, "offset")
            using (topic, partition)
            where next_offset > event."offset"
            """,
            [topic for topic, _ in last],
            [partition for _, partition in last],
            list(last.values()),
        )
    return bool(passed == len(last))


async def _with_dead_letters(
    database: ReportDatabase, events: Sequence[PublishedEvent]
) -> list[PublishedEvent]:
    async with database.querying() as connection:
        rows = await connection.fetch(
            """
            select topic, partition, "offset", dead_letter from dead_letters
            join unnest($1::text[], $2::integer[], $3::bigint[]) as event (topic, partition, "offset")
            using (topic, partition, "offset")
            """,
            [event.topic for event in events],
            [event.partition for event in events],
            [event.offset for event in events],
        )
    letters = {(row[0], row[1], row[2]): row[3] for row in rows}
    return [
        replace(event, dead_letter=letters.get((event.topic, event.partition, event.offset)))
        for event in events
    ]
