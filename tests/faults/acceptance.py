"""The whole write path at once, and hard: `make acceptance` (some minutes; not part of `make test`).

200,000 simulated events in random order, one in twenty of them twice, drained by two workers of which one is
killed with SIGKILL on the way and started again. Every event must be recorded once, each announcement follow
from the one before, and the rows be what the reference makes of the set. `-s` shows the figures;
`ACCEPTANCE_EVENTS` and `ACCEPTANCE_SEED` choose others.
"""

import json
import os
import random
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import asyncpg

from tests.events import Json
from tests.faults.conftest import StartWorker
from tests.faults.heard import follow, heard
from tests.faults.workers import Worker
from tests.lifecycle.consumer.draining import drained
from tests.lifecycle.consumer.producing import Topics
from tests.projections.recorder import stored
from tests.projections.recorder.waiting import until
from tests.reference import rules
from tests.reference.histories import ZONE
from tests.reference.instants import instant, written
from tokens.settings import Settings
from tokens.simulate.options import Options
from tokens.simulate.stream import simulate

EVENTS = int(os.environ.get("ACCEPTANCE_EVENTS", "200000"))
SEED = int(os.environ.get("ACCEPTANCE_SEED", "1"))
EVENTS_A_TOKEN = 4
DUPLICATES = 0.05
INSTANTS = 12
TOKENS_LOOKED_AT_CLOSELY = 500
DEADLINE_SECONDS = 900


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def company() -> list[Json]:
    """At least so many events, each once, of a company with two years behind it."""
    options = Options(
        seed=SEED,
        tokens=EVENTS // EVENTS_A_TOKEN,
        days=800,
        until=instant("2026-11-01T00:00:00Z"),
        shuffled=False,
    )
    history = [json.loads(line) for line in simulate(options)]
    assert len(history) >= EVENTS
    return history


def delivery_of(history: list[Json]) -> list[Json]:
    """In any order, some twice."""
    chance = random.Random(SEED)
    delivery = [*history, *chance.sample(history, int(len(history) * DUPLICATES))]
    chance.shuffle(delivery)
    return delivery


class Stopwatch:
    """Says what took how long."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def say(self, what: str) -> None:
        now = time.monotonic()
        say(f"{now - self._began:8.1f} s  {what}")
        self._began = now


async def test_two_workers_one_of_them_killed(
    start_worker: StartWorker, topics: Topics, settings: Settings, sql: asyncpg.Connection
) -> None:
    watch = Stopwatch()
    say("")
    history = company()
    delivery = delivery_of(history)
    watch.say(f"{len(history):,} events simulated, {len(delivery):,} messages (seed {SEED})")
    topics.send(*delivery)
    watch.say("published")
    await drained_by_two_workers_of_which_one_is_killed(len(history), start_worker, settings, sql, watch)
    await judge(history, settings, sql, watch)


async def drained_by_two_workers_of_which_one_is_killed(
    events: int, start_worker: StartWorker, settings: Settings, sql: asyncpg.Connection, watch: Stopwatch
) -> None:
    async def recorded(share: float) -> None:
        async def is_reached() -> bool:
            return bool(await sql.fetchval("select count(*) from events") >= events * share)

        await until(is_reached, f"{share:.0%} of the events are recorded", DEADLINE_SECONDS)

    began = time.monotonic()
    doomed, other = start_worker(), start_worker()
    await recorded(0.25)
    doomed.kill()
    watch.say(f"a worker killed, {await sql.fetchval('select count(*) from events'):,} events recorded")
    await recorded(0.4)
    again = start_worker()
    watch.say("and started again")
    await drained(settings, DEADLINE_SECONDS)
    watch.say(f"drained: {events / (time.monotonic() - began):,.0f} events/s, starts and the kill included")
    for worker in (other, again):
        await worker.until_ready()
    say(f"{'':12}memory of the workers: {', '.join(f'{peak(each):,.0f} MB' for each in (other, again))}")


def peak(worker: Worker) -> float:
    """The most memory that a worker had, in MB."""
    status = Path(f"/proc/{worker.command.process.pid}/status").read_text()
    [line] = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) / 1024


async def judge(history: list[Json], settings: Settings, sql: asyncpg.Connection, watch: Stopwatch) -> None:
    assert await sql.fetchval("select count(*) from dead_letters") == 0
    assert await sql.fetchval("select count(*) from events where content is not null") == len(history)
    assert await sql.fetchval("select sum(messages) from segments") == len(history)
    histories = rules.history_of(history, ZONE)
    boundaries = rules.boundaries_from(histories)
    watch.say(
        f"the reference has {len(histories):,} tokens, and {len(boundaries):,} instants at which rows change"
    )
    said = await follow_the_announcements(settings, sql)
    watch.say(f"{said:,} announcements each follow from the one before")
    instants = [boundaries[len(boundaries) * number // INSTANTS] for number in range(1, INSTANTS)]
    rows = 0
    for at in [instants[0] - 1, *instants, boundaries[-1], time.time_ns() // 1000]:
        expected = rules.rows_from(histories, at)
        found = stored.compared(expected, (await stored.reports(sql, [at])).get(at, {}))
        assert found is None, f"seed {SEED}, at {written(at)}: {found}"
        rows += len(expected)
    watch.say(f"{rows:,} rows are equal, at {INSTANTS + 2} instants")
    chance = random.Random(SEED)
    chosen = chance.sample(sorted(histories), min(TOKENS_LOOKED_AT_CLOSELY, len(histories)))
    looks = 0
    for some in chunks(chosen, 50):
        looks += await look_closely({serial: histories[serial] for serial in some}, sql)
    watch.say(f"{looks:,} rows of {len(chosen):,} tokens are equal at and beside every instant of theirs")


async def follow_the_announcements(settings: Settings, sql: asyncpg.Connection) -> int:
    """Each token's lead to the status that it has now."""
    announcements = await heard(settings, sql)
    rows = await sql.fetch("select token_serial, status from service_tokens")
    assert follow(announcements) == {row["token_serial"]: row["status"] for row in rows}
    return len(announcements)


async def look_closely(histories: dict[str, rules.History], sql: asyncpg.Connection) -> int:
    asked = [
        (serial, at + step)
        for serial, history in histories.items()
        for at in history.boundary_instants()
        for step in (-1, 0, 1)
    ]
    rows = await sql.fetch(
        """
        select asked.serial as asked_serial, asked.at as asked_at, report.*
        from unnest($1::text[], $2::timestamptz[]) as asked (serial, at),
            lateral (select * from service_tokens_at(asked.at) where token_serial = asked.serial) as report
        """,
        [serial for serial, _ in asked],
        [stored.moment(at) for _, at in asked],
    )
    found = {
        (row["asked_serial"], row["asked_at"]): {
            key: stored.shown(value) for key, value in row.items() if not key.startswith("asked_")
        }
        for row in rows
    }
    for serial, at in asked:
        row = histories[serial].row_at(at)
        assert found.get((serial, stored.moment(at))) == row, f"seed {SEED}, {serial} at {written(at)}"
    return len(asked)


def chunks(serials: list[str], size: int) -> Iterator[list[str]]:
    rest = iter(serials)
    while chunk := list(islice(rest, size)):
        yield chunk
