"""Real servers for all tests, started once in each process of a run: Postgres 18, and Kafka (without Java Noida).

A test that asks for `database_url` gets a database of its own, migrated; one that asks for `topic_prefix`
gets topics of its own with 4 partitions. `settings` is both, as the service has them from its environment.
"""

import asyncio
import itertools
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest
from confluent_kafka.admin import AdminClient

from tests.fast_postgres import FAST
from tokens.embedded.apache_kafka import ApacheKafka
from tokens.embedded.broker import EmbeddedBroker
from tokens.embedded.choice import apache_is_possible
from tokens.embedded.noida import Noida
from tokens.embedded.postgres import EmbeddedPostgres
from tokens.kafka_topics import make_missing_topics, topic_names
from tokens.settings import Settings

_TEMPLATE = "template_of_the_tests"
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def servers_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the servers of this run keep their data."""
    return tmp_path_factory.mktemp("servers")


@pytest.fixture(scope="session")
def broker(servers_folder: Path) -> Iterator[EmbeddedBroker]:
    """The broker of this run."""
    broker = (ApacheKafka if apache_is_possible() else Noida)(servers_folder / "kafka")
    asyncio.run(broker.start())
    yield broker
    asyncio.run(broker.stop())


@pytest.fixture(scope="session")
def kafka(broker: EmbeddedBroker) -> str:
    """The bootstrap servers of this run's broker."""
    return broker.bootstrap


@pytest.fixture(scope="session")
def postgres(servers_folder: Path) -> Iterator[EmbeddedPostgres]:
    """The Postgres of this run, with a migrated database from which each test's is copied."""
    postgres = EmbeddedPostgres(servers_folder / "postgres", tuning=FAST)
    asyncio.run(postgres.start())
    yield postgres
    asyncio.run(postgres.stop())


@pytest.fixture(scope="session")
def migrated_template(postgres: EmbeddedPostgres) -> str:
    """The name of a migrated database, to copy from."""
    from projections.migrate import migrate

    async def make() -> None:
        await _execute(postgres.url(), f"create database {_TEMPLATE}")
        await migrate(postgres.url(_TEMPLATE))

    asyncio.run(make())
    return _TEMPLATE


@pytest.fixture
async def empty_database_url(postgres: EmbeddedPostgres) -> AsyncIterator[str]:
    """A database of the test's own without any table."""
    async for url in _own_database(postgres, "template1"):
        yield url


@pytest.fixture
async def database_url(postgres: EmbeddedPostgres, migrated_template: str) -> AsyncIterator[str]:
    """A migrated database of the test's own."""
    async for url in _own_database(postgres, migrated_template):
        yield url


@pytest.fixture
def topic_prefix(kafka: str) -> Iterator[str]:
    """The prefix of topics of the test's own, which are there, empty, with 4 partitions each."""
    settings = Settings(kafka=kafka, topic_prefix=f"test-{os.getpid()}-{next(_numbers)}.", partitions=4)
    make_missing_topics(settings, kafka)
    yield settings.topic_prefix
    admin = AdminClient({"bootstrap.servers": kafka, "log_level": 0})
    for deletion in admin.delete_topics(topic_names(settings)).values():
        deletion.exception()  # a test may have deleted one itself


@pytest.fixture
def settings(kafka: str, topic_prefix: str, database_url: str, tmp_path: Path) -> Settings:
    """The settings of a service that runs on the test's own topics and database."""
    return Settings(
        kafka=kafka,
        topic_prefix=topic_prefix,
        database_url=database_url,
        http="127.0.0.1:0",
        worker_http="127.0.0.1:0",
        data=tmp_path / "data",
    )


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a developer has set in the shell is not what is tested."""
    for name in [name for name in os.environ if name.startswith("TOKENS_")]:
        monkeypatch.delenv(name)


async def _own_database(postgres: EmbeddedPostgres, template: str) -> AsyncIterator[str]:
    name = f"test_{next(_numbers)}"
    await _execute(postgres.url(), f"create database {name} template {template} strategy file_copy")
    yield postgres.url(name)
    await _execute(postgres.url(), f"drop database {name} with (force)")


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
