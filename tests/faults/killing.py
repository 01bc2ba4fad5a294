"""One life and death of a worker, on topics and in a database of its own; what the next one makes of it is judged."""

import asyncio
import itertools
import json
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import asyncpg
from confluent_kafka.admin import AdminClient

from lifecycle.calendar import Calendar
from projections.outbox import LEADER_LOCK
from projections.verify.verify import verify
from tests.events import Json
from tests.faults.doomed import DoomedWorker
from tests.faults.eventful import NOTICE_DAYS, Company, Round
from tests.faults.heard import follow, heard, messages
from tests.faults.moments import Moment
from tests.lifecycle.consumer.producing import Topics
from tests.projections.recorder import stored
from tests.projections.recorder.waiting import until
from tests.reference import rules
from tests.reference.histories import ZONE
from tests.reference.instants import written
from tokens import clock
from tokens.embedded.postgres import EmbeddedPostgres
from tokens.kafka_topics import make_missing_topics, topic_names
from tokens.settings import Settings

SECONDS = 60
LINGER_MS = 50
"""Long enough that a round is one record batch, which a consumer gets whole."""
_numbers = itertools.count(1)


class Servers(NamedTuple):
    """What a scene is made in: the bootstrap servers, Postgres, the database to copy, a folder for what is logged."""

    kafka: str
    postgres: EmbeddedPostgres
    template: str
    folder: Path


class Scene:
    """Topics and a database of their own, the company's rounds, and the workers of it."""

    def __init__(self, settings: Settings, folder: Path, sql: asyncpg.Connection) -> None:
        self.settings = settings
        self.sql = sql
        self._folder = folder
        self._topics = Topics(settings, **{"linger.ms": LINGER_MS})
        self._company = Company()
        self._to_come = list(self._company.rounds)
        self._published: list[Round] = []
        self._groups = itertools.count(1)
        self._workers: list[DoomedWorker] = []

    def start(self, moment: Moment | None = None, *, group: str | None = None) -> DoomedWorker:
        """A worker in a group of its own, lest it wait for the session of a dead one to time out; or in that group."""
        own = f"{self.settings.group}-{next(self._groups)}"
        self._workers.append(DoomedWorker(self.settings, group or own, self._folder, moment))
        return self._workers[-1]

    def publish(self) -> bool:
        """Publish the next round; False where there is none."""
        if not self._to_come:
            return False
        made = self._to_come.pop(0)()
        self._topics.send(*made.messages, topic=made.topic, partition=made.partition)
        self._published.append(made)
        return True

    async def until_leads(self) -> None:
        """Wait until a worker leads, and so is the one that announces."""

        async def is_led() -> bool:
            return bool(
                await self.sql.fetchval(
                    """
                    select count(*) from pg_locks join pg_database on pg_database.oid = pg_locks.database
                    where datname = current_database() and locktype = 'advisory' and objid = $1
                    """,
                    LEADER_LOCK,
                )
            )

        await self._until(is_led, "a worker leads")

    async def play(self, worker: DoomedWorker) -> bool:
        """Publish the rounds, each when the one before is recorded; whether the worker died of it."""

        async def is_placed() -> bool:
            return worker.is_dead or await self.sql.fetchval("select count(*) from offsets") > 0

        async def is_recorded() -> bool:
            return worker.is_dead or await self._is_recorded()

        await self._until(is_placed, "the partitions are placed")
        while not worker.is_dead and self.publish():
            await self._until(is_recorded, "a round is recorded")
        await self._until(
            lambda: self._is_dead_or_everything_is_said(worker), "the worker is dead, or everything is said"
        )
        return worker.is_dead

    async def judge(self) -> int:
        """Everything that a killed worker left to do is done, and nothing twice; how much was said again."""
        while self.publish():
            pass
        await self._until(self._is_recorded, "everything is recorded")
        await self._until(self._is_everything_said, "everything is said")
        assert await stored.offsets(self.sql) == self._ends()
        await self._judge_journal()
        repeats = await self._judge_rows()
        found = await verify(self._database_url, Calendar(ZONE), clock.now)
        assert (found.count, found.differences, found.events) == (0, [], len(self._history()))
        return repeats

    async def close(self) -> None:
        """End all workers."""
        for worker in self._workers:
            await asyncio.to_thread(worker.close)

    @property
    def _database_url(self) -> str:
        assert self.settings.database_url is not None
        return self.settings.database_url

    def _history(self) -> list[Json]:
        """The events that are to be recorded, each once; the first of an id stands."""
        history: dict[tuple[str, str], Json] = {}
        for each in self._published:
            for event in each.messages:
                if isinstance(event, dict):
                    history.setdefault((event["source"], event["id"]), event)
        return list(history.values())

    def _ends(self) -> dict[tuple[str, int], int]:
        ends: dict[tuple[str, int], int] = {}
        for each in self._published:
            place = (self.settings.topic(each.topic), each.partition)
            ends[place] = ends.get(place, 0) + len(each.messages)
        return ends

    async def _is_recorded(self) -> bool:
        return await stored.offsets(self.sql) == self._ends()

    async def _is_everything_said(self) -> bool:
        if time.time_ns() // 1000 <= self._company.soon_at:
            return False
        return not await self.sql.fetchval(
            "select exists (select from outbox) or exists (select from tokens where due_at <= now())"
        )

    async def _is_dead_or_everything_is_said(self, worker: DoomedWorker) -> bool:
        return worker.is_dead or await self._is_everything_said()

    async def _until(self, condition: Callable[[], Awaitable[object]], what: str) -> None:
        try:
            await until(condition, what, SECONDS)
        except AssertionError as error:
            logs = "\n".join(worker.log() for worker in self._workers)
            raise AssertionError(f"{error}\n{logs}") from None

    async def _judge_journal(self) -> None:
        history = self._history()
        assert await self.sql.fetchval("select sum(messages) from segments") == len(history)
        assert await self.sql.fetchval("select count(*) from events where content is not null") == len(
            history
        )
        places = await self.sql.fetch('select topic, partition, "offset" from dead_letters')
        assert len(set(places)) == len(places) == sum(each.refused for each in self._published)

    async def _judge_rows(self) -> int:
        """The rows are the reference's at every instant that matters; what was said leads to what they are now."""
        histories = rules.history_of(self._history(), ZONE)
        assert await stored.difference(self.sql, histories) is None
        now = time.time_ns() // 1000
        statuses = {serial: row["status"] for serial, row in rules.rows_from(histories, now).items()}
        report = await self.sql.fetch("select token_serial, status from service_tokens")
        assert {row["token_serial"]: row["status"] for row in report} == statuses
        assert follow(await heard(self.settings, self.sql)) == statuses
        said = [json.loads(value) for value in messages(self.settings, "token-status")]
        last = {event["data"]["token_serial"]: event["data"]["to"] for event in said}
        assert {serial: to for serial, to in last.items() if to is not None} == statuses
        notices = [json.loads(value)["id"] for value in messages(self.settings, "token-notices")]
        expires_at = histories["T-due"].stages.expired
        assert expires_at is not None
        assert set(notices) == {f"T-due/{NOTICE_DAYS}/{written(expires_at)}"}
        return len(said) - len({event["id"] for event in said}) + len(notices) - 1


@asynccontextmanager
async def scene(servers: Servers) -> AsyncIterator[Scene]:
    """A scene; its topics, database and workers are gone afterwards."""
    number = next(_numbers)
    name = f"scene_{os.getpid()}_{number}"
    settings = Settings(
        kafka=servers.kafka,
        topic_prefix=f"scene-{os.getpid()}-{number}.",
        database_url=servers.postgres.url(name),
        worker_http="127.0.0.1:0",
    )
    postgres = await asyncpg.connect(servers.postgres.url())
    await postgres.execute(f"create database {name} template {servers.template} strategy file_copy")
    make_missing_topics(settings, servers.kafka)
    sql = await asyncpg.connect(settings.database_url)
    made = Scene(settings, servers.folder, sql)
    try:
        yield made
    finally:
        await made.close()
        await sql.close()
        await postgres.execute(f"drop database {name} with (force)")
        await postgres.close()
        admin = AdminClient({"bootstrap.servers": servers.kafka, "log_level": 0})
        for deletion in admin.delete_topics(topic_names(settings)).values():
            deletion.exception()  # that a topic stays behind on a busy broker is no news
