"""Brings the servers to what this version needs: the database's schema and the topics."""

import asyncio
from typing import NamedTuple

from projections.migrate import migrate
from tokens.database import sentences
from tokens.kafka_topics import make_missing_topics
from tokens.servers import database_of, kafka_of
from tokens.settings import Settings


class Migrated(NamedTuple):
    """What was not there before; both empty where all was."""

    schema: list[str]
    topics: list[str]


async def migrate_servers(settings: Settings) -> Migrated:
    """Safe to run twice, and by two at once.

    Raises Failure where a server is not known or away, or the database newer than this version.
    """
    database_url, kafka = database_of(settings), kafka_of(settings)
    async with sentences(database_url):
        schema = await migrate(database_url)
    return Migrated(schema, await asyncio.to_thread(make_missing_topics, settings, kafka))
