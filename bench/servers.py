"""The servers of the benchmark: Apache Kafka with the events in its topics, and a durable Postgres 18."""

import asyncio
import fcntl
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import asyncpg

from bench.broker import delete_topics, messages_held
from bench.event_set import EventSet
from schemas.topics import INPUT_TOPICS
from tokens.embedded.apache_kafka import ApacheKafka
from tokens.embedded.postgres import EmbeddedPostgres
from tokens.failure import Failure
from tokens.kafka_topics import admin_client, make_missing_topics, topic_names
from tokens.publishing.progress import PublishProgress
from tokens.publishing.publish import publish
from tokens.settings import Settings

PARTITIONS = 4


@dataclass(frozen=True, slots=True)
class Servers:
    """Both, running. The events are in the input topics whose names begin with `topic_prefix`."""

    kafka: ApacheKafka
    postgres: EmbeddedPostgres
    topic_prefix: str

    @property
    def topics(self) -> list[str]:
        """The input topics, as they are called on the broker."""
        return [self.topic_prefix + topic for topic in INPUT_TOPICS]

    @asynccontextmanager
    async def fresh_database(self, name: str, *, template: str = "template1") -> AsyncIterator[str]:
        """The URL of a copy of `template`, which is empty unless told; dropped at the end."""
        await self._execute(
            f"drop database if exists {name} with (force)",
            f"create database {name} template {template} strategy file_copy",
        )
        try:
            yield self.postgres.url(name)
        finally:
            await self._execute(f"drop database if exists {name} with (force)")

    async def has_database(self, name: str) -> bool:
        """Whether it was kept."""
        connection = await asyncpg.connect(self.postgres.url())
        try:
            query = "select exists (select from pg_database where datname = $1)"
            return bool(await connection.fetchval(query, name))
        finally:
            await connection.close()

    async def keep_database(self, name: str, kept: str) -> None:
        """Give a database that nobody is connected to another name, vacuumed."""
        connection = await asyncpg.connect(self.postgres.url(name))
        try:
            await connection.execute("vacuum analyze")
        finally:
            await connection.close()
        await self._execute(f"alter database {name} rename to {kept}")

    async def loaded_with(self, events: EventSet) -> "Servers":
        """The same servers, with these events in topics of their own."""
        prefix = f"bench-{events.digest[:8]}."
        await asyncio.to_thread(_load, self.kafka.bootstrap, prefix, events)
        return replace(self, topic_prefix=prefix)

    async def checkpoint(self) -> None:
        """Write all of Postgres's dirty pages: nobody pays for the one before."""
        await self._execute("checkpoint")

    async def _execute(self, *statements: str) -> None:
        connection = await asyncpg.connect(self.postgres.url())
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()


@asynccontextmanager
async def running_servers(
    folder: Path, events: EventSet, *, tuning: Mapping[str, str] | None = None
) -> AsyncIterator[Servers]:
    """Start both on `folder` and load the topics where they are not loaded yet; stop both at the end.

    `tuning` overrides settings of Postgres. Raises Failure where another benchmark runs on the folder.
    """
    with _only_one(folder):
        kafka = ApacheKafka(folder / "kafka")
        postgres = EmbeddedPostgres(folder / "postgres", tuning=tuning)
        try:
            await kafka.start()
            await postgres.start()
            yield await Servers(kafka, postgres, "").loaded_with(events)
        finally:
            await postgres.stop()
            await kafka.stop()


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Failure(f"another benchmark runs on {folder}") from None
        yield


def _load(bootstrap: str, prefix: str, events: EventSet) -> None:
    settings = Settings(kafka=bootstrap, topic_prefix=prefix, partitions=PARTITIONS)
    admin = admin_client(bootstrap)  # kept: its answers come no more once it is gone
    make_missing_topics(settings, bootstrap)
    held = messages_held(admin, (settings.topic(topic) for topic in INPUT_TOPICS), PARTITIONS)
    if held == events.messages:
        return
    if held:  # an earlier loading was interrupted
        delete_topics(admin, topic_names(settings))
        make_missing_topics(settings, bootstrap)
    with events.path.open("rb") as source, PublishProgress.of_input(source) as progress:
        publish(source, settings, skip_bad=False, on_bad_line=lambda _: None, progress=progress)
