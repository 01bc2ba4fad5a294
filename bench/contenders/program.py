"""A contender that is a program of its own, and whose place is in the broker's consumer group."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import asyncpg
from confluent_kafka.admin import AdminClient

from bench.broker import forget_group, messages_committed
from bench.servers import Servers
from bench.verdict import Expectations, last_writes_judged
from tokens.kafka_topics import admin_client


class Program:
    """A module run as `python -m MODULE BOOTSTRAP TOPIC_PREFIX GROUP DATABASE_URL OPTION...`; its SCHEMA makes its
    tables where they are missing. It writes `consuming` when it is about to fetch.
    """

    processes = 1

    def __init__(
        self,
        name: str,
        module: ModuleType,
        servers: Servers,
        database_url: str,
        *options: str,
    ) -> None:
        self.name = name
        self.options = options
        self.group = f"{servers.topic_prefix}{name.replace(' ', '-')}"
        self._schema: str = module.SCHEMA
        self._module = module.__name__
        self.arguments = [servers.kafka.bootstrap, servers.topic_prefix, self.group, database_url, *options]
        self._database_url = database_url
        self.admin = admin_client(servers.kafka.bootstrap)

    async def prepare(self) -> None:
        connection = await asyncpg.connect(self._database_url)
        try:
            await connection.execute(self._schema)
        finally:
            await connection.close()
        await asyncio.to_thread(forget_group, self.admin, self.group)

    def command(self) -> Sequence[str | Path]:
        return [sys.executable, "-m", self._module, *self.arguments]

    def environment(self) -> dict[str, str]:
        return {}

    async def place(self, connection: Any, log: Path) -> int | None:  # noqa: ARG002
        return await asyncio.to_thread(_committed, self.admin, self.group, log)

    async def judge(self, connection: Any, expected: Expectations) -> tuple[int, str]:
        return await last_writes_judged(connection, self.name, expected)

    async def rested(self) -> bool:
        return True


def _committed(admin: AdminClient, group: str, log: Path) -> int | None:
    return messages_committed(admin, group) if b"consuming" in log.read_bytes() else None
