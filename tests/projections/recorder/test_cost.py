"""What an event costs, counted and not timed: calls in Python and bytes of Postgres's log, by event.

A change that makes the write path a tenth dearer fails here, on any machine. Where that is meant, or where it became
cheaper, write the new figures into `COSTS`, with the reason in the commit.
"""

import json
import sys
from collections.abc import Sequence
from types import FrameType

import asyncpg
import pytest

from lifecycle.arrivals import Arrivals, receive
from lifecycle.recording import Batch, Partition
from native import compiled
from projections.recorder import PostgresRecorder
from schemas.topics import EVENT_TYPES
from tests.projections.recorder import stored
from tests.projections.recorder.log import Log
from tests.reference.instants import instant
from tokens.simulate.options import Options
from tokens.simulate.stream import simulate

# Messages a batch: calls and log bytes an event.
COSTS = {4_000: (9.93, 692), 20: (154.4, 1_126)}
DEARER = 1.10
CHEAPER = 0.85
MESSAGES = 8_000
OPTIONS = Options(seed=1, tokens=600, days=680, until=instant("2026-03-02T00:00:00Z"))


class Calls:
    """How many functions of Python, and of C by Python, are called while it looks on."""

    def __init__(self) -> None:
        self.count = 0

    def __enter__(self) -> "Calls":
        sys.setprofile(self._note)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)

    def _note(self, _: FrameType, event: str, __: object) -> None:
        self.count += event in ("call", "c_call")


def batches(values: Sequence[bytes], size: int) -> list[Batch]:
    """The messages on the topics of their types, so many a batch."""
    log = Log()
    found = []
    for start in range(0, len(values), size):
        topics = [EVENT_TYPES[json.loads(value)["type"]].topic for value in values[start : start + size]]
        received = [
            log.append(value, Partition(topic, 0))
            for value, topic in zip(values[start : start + size], topics, strict=True)
        ]
        found.append(log.batch_of(received))
    return found


async def cost(sql: asyncpg.Connection, recorder: PostgresRecorder, size: int) -> tuple[float, float]:
    """Calls and log bytes an event, in batches of `size` messages."""
    await stored.emptied(sql)
    await Log().begin(recorder)
    values = list(simulate(OPTIONS))[:MESSAGES]
    before = await _log_bytes(sql)
    calls = events = 0
    for batch in batches(values, size):
        messages = [each.message for each in batch.received]
        with Calls() as counted:
            arrivals = Arrivals()
            receive(arrivals, messages)
            events += (await recorder.record(Batch(arrivals, batch.advances))).events
        calls += counted.count
    return calls / events, (await _log_bytes(sql) - before) / events


async def _log_bytes(sql: asyncpg.Connection) -> int:
    return int(await sql.fetchval("select pg_current_wal_insert_lsn() - '0/0'"))


@pytest.mark.skipif(compiled is None, reason="the figures are of the compiled part")
@pytest.mark.one_draft
@pytest.mark.parametrize("size", COSTS, ids=lambda size: f"batches of {size:,}")
async def test_the_write_path_costs_what_it_did(
    size: int, recorder: PostgresRecorder, sql: asyncpg.Connection
) -> None:
    # Of several, the least: a checkpoint or a vacuum of Postgres's own may fall into one.
    costs = [await cost(sql, recorder, size) for _ in range(3)]
    for name, least, expected in zip(("calls", "log bytes"), map(min, *costs), COSTS[size], strict=True):
        assert least <= DEARER * expected, f"{name}: {least:.2f} an event, {expected:.2f} before"
        assert least >= CHEAPER * expected, (
            f"{name}: {least:.2f} an event: note that they were {expected:.2f}"
        )
