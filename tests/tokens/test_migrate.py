"""`tokens migrate`: safe to run twice, and by two at once."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from confluent_kafka.admin import ConfigResource, ResourceType

from schemas.topics import INPUT_TOPICS, OUTPUT_TOPICS
from tests.tokens.commands import tokens
from tokens.kafka_topics import admin_client

ALL_TOPICS = (*INPUT_TOPICS, *OUTPUT_TOPICS)


@pytest.fixture
def environment(kafka: str, empty_database_url: str, tmp_path: Path) -> dict[str, str]:
    """A broker without the topics, and a database without tables."""
    return {
        "TOKENS_KAFKA": kafka,
        "TOKENS_DATABASE_URL": empty_database_url,
        "TOKENS_TOPIC_PREFIX": f"migrate.{tmp_path.name}.",
        "TOKENS_PARTITIONS": "3",
    }


def test_migrate_makes_what_is_missing_and_then_nothing(environment: dict[str, str], kafka: str) -> None:
    first = tokens("migrate", settings=environment)
    assert first.returncode == 0, first.stderr
    names = [environment["TOKENS_TOPIC_PREFIX"] + topic for topic in ALL_TOPICS]
    assert [line for line in first.stdout.splitlines() if "topic" in line] == [
        f"made topic {name}" for name in names
    ]
    second = tokens("migrate", settings=environment)
    assert (second.returncode, second.stdout) == (0, "nothing to do: schema and topics are there\n")

    admin = admin_client(kafka)
    topics = admin.list_topics(timeout=10).topics
    assert {len(topics[name].partitions) for name in names} == {3}
    asked = [ConfigResource(ResourceType.TOPIC, name) for name in names]
    for answer in admin.describe_configs(asked).values():
        config = {name: entry.value for name, entry in answer.result().items()}
        assert config["retention.ms"] == config["retention.bytes"] == "-1"
        assert config["cleanup.policy"] == "delete"
        assert config["max.message.bytes"] == "16777216"
    for deletion in admin.delete_topics(names).values():
        deletion.result()


def test_two_at_once_both_succeed(environment: dict[str, str], kafka: str) -> None:
    both = [
        subprocess.Popen(
            [sys.executable, "-m", "tokens", "migrate"],
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    outputs = [process.communicate(timeout=120) for process in both]
    assert [process.returncode for process in both] == [0, 0], outputs
    names = [environment["TOKENS_TOPIC_PREFIX"] + topic for topic in ALL_TOPICS]
    made = "".join(output for output, _ in outputs).splitlines()
    assert sorted(line for line in made if line.startswith("made topic")) == sorted(
        f"made topic {name}" for name in names
    )
    admin = admin_client(kafka)
    for deletion in admin.delete_topics(names).values():
        deletion.result()


def test_a_database_that_is_away_is_a_sentence_without_its_password(kafka: str, tmp_path: Path) -> None:
    away = tokens(
        "migrate",
        settings={
            "TOKENS_KAFKA": kafka,
            "TOKENS_DATABASE_URL": "postgresql://someone:secret@127.0.0.1:1/tokens",
            "TOKENS_DATA": str(tmp_path),
        },
    )
    assert away.returncode == 1
    assert away.stderr.startswith("tokens: Postgres at 127.0.0.1:1/tokens does not answer")
    assert "secret" not in away.stderr
    assert away.stderr.count("\n") == 1
