"""Consumers in this process, on real Kafka and Postgres, and what they have recorded."""

import gc
from collections.abc import AsyncIterator, Awaitable, Callable

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer

from lifecycle.calendar import Calendar
from lifecycle.consumer import Consumer
from lifecycle.recording import Recorder
from projections.recorder import PostgresRecorder
from tests.lifecycle.consumer.producing import Topics
from tests.reference.histories import ZONE
from tokens import clock
from tokens.embedded.apache_kafka import ApacheKafka
from tokens.embedded.broker import EmbeddedBroker
from tokens.settings import Settings

Start = Callable[..., Awaitable[Consumer]]


@pytest.fixture
async def start(settings: Settings) -> AsyncIterator[Start]:
    """Starts a consumer with a recorder (by default a Postgres one of its own); all stop with the test."""
    started: list[Consumer] = []

    async def consumer(
        recorder: Recorder | None = None, reader: type[AIOKafkaConsumer] = AIOKafkaConsumer
    ) -> Consumer:
        assert settings.kafka is not None
        recorder = recorder or postgres_recorder(settings)
        consumer = Consumer(settings.kafka, settings.group, settings.topic_prefix, recorder, reader)
        started.append(consumer)
        await consumer.start()
        return consumer

    yield consumer
    for each in started:
        await each.stop()
    # A consumer takes the collector in hand, as befits a process of its own.
    gc.enable()
    gc.unfreeze()
    # What it has left is collected here, not in whichever test the collector comes round.
    gc.collect()


def postgres_recorder(settings: Settings) -> PostgresRecorder:
    """The recorder of one worker."""
    assert settings.database_url is not None
    return PostgresRecorder(settings.database_url, Calendar(ZONE), clock.now)


@pytest.fixture
def apache(broker: EmbeddedBroker) -> None:
    """Skips a test of what Apache Kafka does and the small broker for development does not.

    That one gives more than it is asked for, gives a topic made anew its old id, tells the end of committed
    messages late, and never lets go of a member of a group that was killed.
    """
    if not isinstance(broker, ApacheKafka):
        pytest.skip("needs Apache Kafka, which needs Java and Maven")


@pytest.fixture
def topics(settings: Settings) -> Topics:
    """The test's own topics."""
    return Topics(settings)


@pytest.fixture
async def sql(settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    """A connection to look at what is stored."""
    connection = await asyncpg.connect(settings.database_url)
    yield connection
    await connection.close()
