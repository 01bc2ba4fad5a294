"""Who runs: how each contender is started, and how far it is, seen from outside."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import asyncpg
from confluent_kafka.admin import AdminClient

from bench.broker import forget_group, messages_committed
from bench.contenders import the_loop
from bench.servers import Servers
from projections.migrate import migrate
from tokens.kafka_topics import admin_client
from tokens.settings import Settings, variable

OURS = "ours"
THE_LOOP = "the loop"


class Contender(Protocol):
    """One that reads all input topics into tables of its own, for one run."""

    name: str
    processes: int

    async def prepare(self) -> None:
        """Make its tables, and forget what an earlier run left on the broker."""

    def command(self) -> Sequence[str | Path]:
        """How one of its processes is started."""

    def environment(self) -> dict[str, str]:
        """The variables that go with the command."""

    async def place(self, connection: Any, log: Path) -> int | None:
        """How many messages it has stored for good; None before its first fetch."""

    async def rows_hash(self, connection: Any, as_of: Any) -> str | None:
        """A hash of the report at that instant, equal for every right run; None where none is promised."""


class Ours:
    """`tokens worker`, once or more than once. Its place is in Postgres."""

    def __init__(self, servers: Servers, processes: int, database_url: str) -> None:
        self.name = self.named(processes)
        self.processes = processes
        self._settings = Settings(
            kafka=servers.kafka.bootstrap, topic_prefix=servers.topic_prefix, database_url=database_url
        )
        self._database_url = database_url
        self._admin = admin_client(servers.kafka.bootstrap)

    @staticmethod
    def named(processes: int) -> str:
        """What so many processes are called in the tables."""
        return OURS if processes == 1 else f"{OURS}, {processes} processes"

    async def prepare(self) -> None:
        await migrate(self._database_url)
        await asyncio.to_thread(forget_group, self._admin, self._settings.group)

    def command(self) -> Sequence[str | Path]:
        return [sys.executable, "-m", "tokens", "worker"]

    def environment(self) -> dict[str, str]:
        given = self._settings.model_dump(include={"kafka", "topic_prefix", "database_url"})
        return {variable(name): str(value) for name, value in given.items()}

    async def place(self, connection: Any, log: Path) -> int | None:  # noqa: ARG002
        # Its first transaction makes these rows, at the moment at which it may begin to fetch.
        place = await connection.fetchval("select sum(next_offset) from offsets")
        return None if place is None else int(place)

    async def rows_hash(self, connection: Any, as_of: Any) -> str | None:
        return str(
            await connection.fetchval(
                "select count(*) || '-' || to_hex(bit_xor(hashtextextended(report::text, 0))) "
                "from service_tokens_at($1) as report",
                as_of,
            )
        )


class TheLoop:
    """`bench.contenders.the_loop`. Its place is in the broker's consumer group."""

    name = THE_LOOP
    processes = 1

    def __init__(self, servers: Servers, database_url: str) -> None:
        self._arguments = (servers.kafka.bootstrap, servers.topic_prefix, f"{servers.topic_prefix}the-loop")
        self._group = self._arguments[-1]
        self._database_url = database_url
        self._admin = admin_client(servers.kafka.bootstrap)

    async def prepare(self) -> None:
        connection = await asyncpg.connect(self._database_url)
        try:
            await connection.execute(the_loop.SCHEMA)
        finally:
            await connection.close()
        await asyncio.to_thread(forget_group, self._admin, self._group)

    def command(self) -> Sequence[str | Path]:
        return [sys.executable, "-m", the_loop.__name__, *self._arguments, self._database_url]

    def environment(self) -> dict[str, str]:
        return {}

    async def place(self, connection: Any, log: Path) -> int | None:  # noqa: ARG002
        return await asyncio.to_thread(_committed, self._admin, self._group, log)

    async def rows_hash(self, connection: Any, as_of: Any) -> str | None:  # noqa: ARG002
        return None  # what its rows say depends on the order in which the topics were read


def _committed(admin: AdminClient, group: str, log: Path) -> int | None:
    return messages_committed(admin, group) if b"consuming" in log.read_bytes() else None
