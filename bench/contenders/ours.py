"""The service itself: `tokens worker`, once or more than once. Its place is in Postgres."""

import asyncio
import hashlib
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import asyncpg

from bench.broker import forget_group
from bench.expected import ExpectedRows
from bench.servers import Servers
from bench.verdict import Expectations, rows_counted, rows_judged, rows_of
from lifecycle.fold import RULES_VERSION
from projections.migrate import migrate
from tests.reference import rules
from tokens.kafka_topics import admin_client
from tokens.settings import Settings, variable

NAME = "ours"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CELLS = ", ".join(f"{column}::text" for column in rules.COLUMNS)


class Ours:
    """As many workers as `processes`."""

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
        return NAME if processes == 1 else f"{NAME}, {processes} processes"

    @staticmethod
    def layout() -> str:
        """What tells one layout of the tables, and what rules made of their rows, from another."""
        digest = hashlib.blake2b(str(RULES_VERSION).encode(), digest_size=4)
        migrations = resources.files("projections").joinpath("migrations")
        for each in sorted(migrations.iterdir(), key=lambda each: each.name):
            digest.update(each.read_bytes())
        return f"ours_{digest.hexdigest()}"

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
        place = await connection.fetchval(
            "select sum(next_offset) from offsets where starts_with(topic, $1)", self._settings.topic_prefix
        )
        return None if place is None else int(place)

    async def judge(self, connection: Any, expected: Expectations) -> tuple[int, str]:
        count = await rows_counted(connection, self.name, expected.tokens)
        as_of = _EPOCH + timedelta(microseconds=expected.as_of)
        return count, await self._judge_report(connection, expected.report, as_of)

    async def _judge_report(self, connection: Any, wanted: ExpectedRows, as_of: datetime) -> str:
        rows = await rows_of(connection, f"select {_CELLS} from service_tokens_at($1)", wanted, as_of)
        return rows_judged(self.name, rows, wanted)

    async def rested(self) -> bool:
        """Whether nothing is left to announce: what is due by the clock was said too."""
        connection = await asyncpg.connect(self._database_url)
        try:
            return not await connection.fetchval(
                "select exists (select from outbox) or exists (select from tokens where due_at <= now())"
            )
        finally:
            await connection.close()
