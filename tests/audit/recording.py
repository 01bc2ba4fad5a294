"""A round: many scenarios recorded side by side, in one database, by several workers at once."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg

from lifecycle.calendar import Calendar
from lifecycle.recording import Batch, Partition, Received, Unavailable
from projections.recorder import PostgresRecorder
from projections.recorder.connection import count_in_microseconds
from schemas.topics import EVENT_TYPES
from tests.audit.names import named
from tests.audit.scenarios import MOST_WORKERS, Scenario
from tests.events import Json
from tests.projections.recorder import stored
from tests.projections.recorder.log import Log
from tests.reference.histories import ZONE

TRIES = 20


@dataclass
class Workshop:
    """Workers on one database, their common clock (`now`, microseconds), and a connection that looks at it.

    That connection's instants are microseconds too.
    """

    database_url: str
    recorders: list[PostgresRecorder]
    sql: asyncpg.Connection
    now: int = 0


@asynccontextmanager
async def workshop(database_url: str) -> AsyncIterator[Workshop]:
    """Workers on a migrated database."""
    sql = await asyncpg.connect(database_url, server_settings={"jit": "off"})
    await count_in_microseconds(sql)
    shop = Workshop(database_url, [], sql)
    try:
        for _ in range(MOST_WORKERS):
            recorder = PostgresRecorder(database_url, Calendar(ZONE), lambda: shop.now)
            await recorder.open()
            shop.recorders.append(recorder)
        yield shop
    finally:
        for recorder in shop.recorders:
            await recorder.close()
        await sql.close()


def named_histories(scenarios: Sequence[Scenario]) -> list[list[Json]]:
    """Each scenario's events, under the names that they have in the round."""
    return [[named(event, number) for event in scenario.history] for number, scenario in enumerate(scenarios)]


async def record(shop: Workshop, scenarios: Sequence[Scenario], histories: Sequence[Sequence[Json]]) -> None:
    """Record the scenarios, their first batches together, then the second ones, and so on.

    Raises what a recorder raised, after the others have done their work.
    """
    await stored.emptied(shop.sql)
    log = Log(MOST_WORKERS)
    await log.begin(shop.recorders[0])
    outcomes = await asyncio.gather(
        *(
            _work(recorder, _batches(log, scenarios, histories, worker))
            for worker, recorder in enumerate(shop.recorders)
        ),
        return_exceptions=True,
    )
    for outcome in outcomes:
        if outcome is not None:
            raise outcome


async def _work(recorder: PostgresRecorder, batches: Iterator[Batch]) -> None:
    for batch in batches:
        for tries_left in range(TRIES - 1, -1, -1):
            try:
                await recorder.record(batch)
                break
            except Unavailable:
                # Other workers recorded the same events again and again: the consumer comes back too.
                if not tries_left:
                    raise


def _batches(
    log: Log, scenarios: Sequence[Scenario], histories: Sequence[Sequence[Json]], worker: int
) -> Iterator[Batch]:
    """What this worker records. Scenarios of one worker take turns with the workers of the round."""
    shares = [
        list(scenario.batches((worker - number) % MOST_WORKERS)) for number, scenario in enumerate(scenarios)
    ]
    for step in range(max(map(len, shares), default=0)):
        received: list[Received] = []
        for share, history in zip(shares, histories, strict=True):
            for message in share[step] if step < len(share) else ():
                event = history[message.event]
                topic = message.topic or EVENT_TYPES[event["type"]].topic
                received.append(log.append(event, Partition(topic, worker)))
        if received:
            yield log.batch_of(received)


async def leftovers(sql: Any, events: int) -> str | None:
    """In words, what of the round's `events` became a dead letter, or is not in the journal once."""
    if dead_letter := await sql.fetchval("select message from dead_letters limit 1"):
        return f"there is a dead letter: {dead_letter}"
    recorded = await sql.fetchval("select count(*) from events where content is not null")
    if recorded != events:
        return f"{recorded} events are in the journal, of {events}"
    return None
