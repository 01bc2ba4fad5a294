"""The servers that `up` runs: those that the settings do not name."""

import asyncio
import time
from pathlib import Path

from tokens.embedded.broker import EmbeddedBroker
from tokens.embedded.choice import choose_broker
from tokens.embedded.noida import Noida
from tokens.embedded.postgres import EmbeddedPostgres
from tokens.migration import migrate_servers
from tokens.settings import Settings, variable
from tokens.up.lost_tail import read_on_from_the_end
from tokens.up.rebuilding import rebuild_where_due
from tokens.up.supervisor import Process, Say


class EmbeddedServers:
    """Postgres and a broker below `data`, or one of them, or none. `settings` name both once they run."""

    def __init__(self, settings: Settings, data: Path, say: Say) -> None:
        self.settings = settings
        self._say = say
        self._postgres = EmbeddedPostgres(data / "postgres") if settings.database_url is None else None
        self._broker: EmbeddedBroker | None = None
        if settings.kafka is None:
            self._broker = choose_broker(data / "kafka", settings.embedded_kafka)

    @property
    def processes(self) -> list[Process]:
        """In the order in which they are to be stopped."""
        return [each for each in (self._broker, self._postgres) if each is not None]

    def worker_settings(self) -> dict[str, str]:
        """What a worker that starts now gets beside the settings.

        Noida never gives up on a member of a group that was killed, and a new one waits for it for ever: each
        worker there has a group of its own. There is only one, and its offsets are in Postgres. And it answers
        at once where there is nothing to fetch.
        """
        if not isinstance(self._broker, Noida):
            return {}
        return {
            variable("consumer_group"): f"service-tokens-{time.time_ns()}",
            variable("broker_waits"): "false",
        }

    async def start(self) -> None:
        """Run them, and bring the database and the topics to what this version needs. Raises Failure."""
        for process in self.processes:
            self._say(f"starting {process.name}")
        if isinstance(self._broker, Noida):
            self._say(
                "Noida is a broker for development: it may lose its last seconds when it is killed. "
                "Install Java 17 and Maven for Apache Kafka, or set TOKENS_KAFKA"
            )
        # All are waited for, also when one fails: it must not go on starting while it is to be stopped.
        outcomes = await asyncio.gather(*(each.start() for each in self.processes), return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome
        found: dict[str, str] = {}
        if self._postgres is not None:
            found["database_url"] = self._postgres.url()
        if self._broker is not None:
            found["kafka"] = self._broker.bootstrap
        self.settings = self.settings.model_copy(update=found)
        await self.prepare()
        await rebuild_where_due(self.settings, self._say)

    async def prepare(self) -> bool:
        """Make what is missing of tables and topics; also after a start in the middle of the work.

        True where stored offsets were set back: a worker that runs already reads on from where it was.
        """
        migrated = await migrate_servers(self.settings)
        for name in migrated.schema:
            self._say(f"applied {name}")
        if migrated.topics:
            self._say(f"made the topics {', '.join(migrated.topics)}")
        if not isinstance(self._broker, Noida):
            return False
        lost = await read_on_from_the_end(self.settings)
        for sentence in lost:
            self._say(sentence)
        return bool(lost)

    async def stop(self) -> None:
        """End them, the broker first. Safe to call again."""
        for process in self.processes:
            await process.stop()
