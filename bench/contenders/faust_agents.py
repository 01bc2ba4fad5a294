"""Idiomatic Faust: an agent per topic, Records, `take`, and one upsert a batch.

    python -m bench.contenders.faust_agents BOOTSTRAP TOPIC_PREFIX GROUP DATABASE_URL

Its best variant: batches of 5,000, one connection that the agents take in turn (with one each, unsorted batches lock
each other out for ever), no web server, commits twice a second. It gets wrong what the loop gets wrong, and more: an
agent that raises loses the batch, since Faust commits what it handed out.
"""

import asyncio
import sys
import tempfile
from typing import Any

import asyncpg
import faust

from bench.contenders.the_loop import BATCH, SCHEMA, TOPICS, Changes

__all__ = ["SCHEMA"]


class CloudEvent(faust.Record, serializer="json"):
    """What an agent gets; the data are as many shapes as there are types."""

    type: str
    data: dict[str, Any]


class Table:
    """The table of tokens, for one agent at a time."""

    def __init__(self, database_url: str) -> None:
        self._database_url = database_url
        self._connection: Any = None
        self._turn = asyncio.Lock()

    async def store(self, changes: Changes) -> None:
        async with self._turn:
            if self._connection is None:
                self._connection = await asyncpg.connect(self._database_url)
            await changes.store(self._connection)


def create_app(folder: str, bootstrap: str, topic_prefix: str, group: str, database_url: str) -> Any:
    app = faust.App(
        group,
        broker=f"kafka://{bootstrap}",
        datadir=folder,
        web_enabled=False,
        topic_disable_leader=True,
        broker_commit_interval=0.5,
        broker_max_poll_records=BATCH,
        consumer_max_fetch_size=2 * 1024 * 1024,
        stream_buffer_maxsize=2 * BATCH,
        stream_wait_empty=False,
    )
    table = Table(database_url)

    async def agent(stream: Any) -> None:
        async for events in stream.take(BATCH, within=0.5):
            changes = Changes()
            for event in events:
                changes.add({"type": event.type, "data": event.data})
            await table.store(changes)

    for name in TOPICS:
        app.agent(app.topic(topic_prefix + name, value_type=CloudEvent), name=f"agent.{name}")(agent)

    @app.on_partitions_assigned.connect
    async def assigned(*_: Any, **__: Any) -> None:
        sys.stdout.write("consuming\n")
        sys.stdout.flush()

    return app


def main(*arguments: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(folder, *arguments)
        faust.Worker(app, loglevel="warning", quiet=True).execute_from_commandline()


if __name__ == "__main__":
    main(*sys.argv[1:])
