"""The servers of the benchmark: Apache Kafka with the events in its topics, and a durable Postgres 18."""

import asyncio
import fcntl
import os
import shutil
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
_READ_BYTES = 4 * 2**20
_SPARE_BYTES = 6 * 2**30
"""What a run writes besides: its log, its events, what it changes."""


@dataclass(frozen=True, slots=True)
class Servers:
    """Both, running. The events are in the input topics whose names begin with `topic_prefix`."""

    folder: Path
    kafka: ApacheKafka
    postgres: EmbeddedPostgres
    topic_prefix: str

    @property
    def topics(self) -> list[str]:
        """The input topics, as they are called on the broker."""
        return [self.topic_prefix + topic for topic in INPUT_TOPICS]

    @asynccontextmanager
    async def fresh_database(self, name: str, *, template: str = "template1") -> AsyncIterator[str]:
        """The URL of a copy of `template`, which is empty unless told; dropped at the end.

        It is in the system's cache as far as it fits, as one that is in use. Raises Failure where the disk has no room.
        """
        await self.drop_database(name)
        await self._require_room(template)
        await self._execute(f"create database {name} template {template} strategy file_copy")
        try:
            await asyncio.to_thread(_swap_in, await self._folder_of(name), await self._folder_of(template))
            yield self.postgres.url(name)
        finally:
            await self.drop_database(name)

    async def databases(self, beginning: str) -> list[str]:
        """Those whose names begin so."""
        query = "select datname from pg_database where starts_with(datname, $1) order by datname"
        return [name for (name,) in await self._fetch(query, beginning)]

    async def drop_database(self, name: str) -> None:
        """Whoever is connected to it; nothing where there is none."""
        await self._execute(f"drop database if exists {name} with (force)")

    async def keep_database(self, name: str, kept: str) -> None:
        """Give a database that nobody is connected to another name, vacuumed."""
        connection = await asyncpg.connect(self.postgres.url(name))
        try:
            await connection.execute("vacuum analyze")
        finally:
            await connection.close()
        await self._execute(f"alter database {name} rename to {kept}")

    async def _folder_of(self, database: str) -> Path:
        query = (
            "select current_setting('data_directory') || '/base/' || oid from pg_database where datname = $1"
        )
        [(folder,)] = await self._fetch(query, database)
        return Path(folder)

    async def _require_room(self, template: str) -> None:
        [(size,)] = await self._fetch("select pg_database_size($1::name)", template)
        free = shutil.disk_usage(self.folder).free
        if free < size + _SPARE_BYTES:
            raise Failure(
                f"a copy of {template} needs {size / 2**30:.1f} GB, and {free / 2**30:.1f} GB are free at {self.folder}"
            )

    async def checkpoint(self) -> None:
        """Write all of Postgres's dirty pages: nobody pays for the one before."""
        await self._execute("checkpoint")

    async def _fetch(self, query: str, *arguments: object) -> list[Any]:
        connection = await asyncpg.connect(self.postgres.url())
        try:
            return list(await connection.fetch(query, *arguments))
        finally:
            await connection.close()

    async def _execute(self, *statements: str) -> None:
        connection = await asyncpg.connect(self.postgres.url())
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()


MEMORY = {"shared_buffers": "2GB"}
"""What a server for the service alone would be given here; the embedded one, for a laptop, takes less."""


@asynccontextmanager
async def running_servers(
    folder: Path, events: EventSet, *, tuning: Mapping[str, str] | None = None
) -> AsyncIterator[Servers]:
    """Start both on `folder` and load the topics where they are not loaded yet; stop both at the end.

    `tuning` overrides settings of Postgres. Raises Failure where another benchmark runs on the folder.
    """
    with _only_one(folder):
        kafka = ApacheKafka(folder / "kafka")
        postgres = EmbeddedPostgres(folder / "postgres", tuning={**MEMORY, **(tuning or {})})
        try:
            await kafka.start()
            await postgres.start()
            prefix = f"bench-{events.digest[:8]}."
            await asyncio.to_thread(_load, kafka.bootstrap, prefix, events)
            yield Servers(folder, kafka, postgres, prefix)
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


def _swap_in(folder: Path, other: Path) -> None:
    """Read the files of a folder, and have the system forget those of another, which it has just read to copy them."""
    os.sync()  # what is not on the disk yet is not forgotten
    for path in filter(Path.is_file, other.iterdir()):
        with path.open("rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    for path in filter(Path.is_file, folder.iterdir()):
        with path.open("rb", buffering=0) as file:
            while file.read(_READ_BYTES):
                pass


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
