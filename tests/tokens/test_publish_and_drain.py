"""`tokens publish` and `tokens drain`, against a broker of the test's own topics."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka import Consumer, Message, TopicPartition

from schemas.topics import INPUT_TOPICS
from tests.events import (
    activated,
    applied,
    encoded,
    order,
    retracted,
    returned,
    shipped,
    transferred,
    unapplied,
)
from tests.tokens.commands import Command, tokens
from tokens.kafka_topics import make_missing_topics
from tokens.settings import Settings
from tokens.topic_ranges import Range, input_ranges

GOOD = encoded(order(["ST-1"]))
BAD = b'{"specversion": "1.0"}'


@pytest.fixture
def environment(settings: Settings) -> dict[str, str]:
    """The test's own topics and database, as variables."""
    assert settings.kafka is not None
    assert settings.database_url is not None
    return {
        "TOKENS_KAFKA": settings.kafka,
        "TOKENS_DATABASE_URL": settings.database_url,
        "TOKENS_TOPIC_PREFIX": settings.topic_prefix,
        "TOKENS_DATA": str(settings.data),
    }


@pytest.fixture
def worker(environment: dict[str, str]) -> Iterator[Command]:
    """A running worker."""
    command = Command("worker", settings=environment)
    yield command
    command.close()


def messages(settings: Settings) -> list[Message]:
    """All messages in the input topics, by topic and in order within each partition."""
    consumer = Consumer(
        {"bootstrap.servers": settings.kafka, "group.id": "unused", "enable.auto.commit": False}
    )
    places = [
        TopicPartition(settings.topic(topic), partition, 0)
        for topic in INPUT_TOPICS
        for partition in range(settings.partitions)
    ]
    waiting = sum(consumer.get_watermark_offsets(place, timeout=10)[1] for place in places)
    consumer.assign(places)
    found: list[Message] = []
    deadline = time.monotonic() + 30
    while len(found) < waiting and time.monotonic() < deadline:
        message = consumer.poll(1)
        if message is not None and message.error() is None:
            found.append(message)
    consumer.close()
    assert len(found) == waiting
    return sorted(found, key=lambda message: (message.topic(), message.partition(), message.offset()))


def test_each_event_goes_to_the_topic_of_its_type_under_its_key_as_it_is(
    settings: Settings, environment: dict[str, str]
) -> None:
    events = {
        "orders": [(b"SO-1", order(["ST-1"]))],
        "shipments": [(b"SH-1", shipped(shipment="SH-1")), (b"ST-1", returned(["ST-1", "ST-2"]))],
        "applications": [(b"ST-1", applied("ST-1")), (b"ST-1", unapplied("ST-1"))],
        "activations": [(b"S-1", activated("S-1"))],
        "transfers": [(b"ST-1", transferred(["ST-1", "ST-2"]))],
        "retractions": [(b"e1", retracted({"source": "urn:x", "id": "e1"}))],
    }
    lines = [encoded(event) for each in events.values() for _, event in each]
    lines[0] = lines[0].replace(b'": ', b'" :  ')  # the blanks of its producer are kept
    published = tokens("publish", "-", settings=environment, stdin=b"\n\n".join(lines))
    assert (published.returncode, published.stdout) == (0, "published 8, skipped 0\n"), published.stderr
    found = [(message.topic(), message.key(), message.value()) for message in messages(settings)]
    wanted = [
        (settings.topic(topic), key)
        for topic, each in sorted(events.items(), key=lambda item: settings.topic(item[0]))
        for key, _ in each
    ]
    assert sorted((topic, key) for topic, key, _ in found) == sorted(wanted)
    assert sorted(value for *_, value in found if value) == sorted(lines)
    assert all(
        message.headers() == [("content-type", b"application/cloudevents+json")]
        for message in messages(settings)
    )


def test_a_key_goes_to_the_partition_of_the_java_client(
    settings: Settings, environment: dict[str, str]
) -> None:
    # murmur2 of Apache Kafka's own test vectors: 'foobar' is -790332482.
    tokens("publish", "-", settings=environment, stdin=encoded(order(sales_order="foobar")))
    [message] = messages(settings)
    assert message.partition() == (-790332482 & 0x7FFFFFFF) % 4


def test_a_bad_line_is_named_with_its_rule_and_nothing_is_published(
    settings: Settings, environment: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "events.ndjson"
    file.write_bytes(b"\n".join([GOOD, b"", BAD, GOOD, b"no json"]))
    refused = tokens("publish", str(file), settings=environment)
    assert refused.returncode == 1
    assert [line.split(": ")[0] for line in refused.stderr.splitlines()] == ["line 3", "line 5", "tokens"]
    assert "missing at /id" in refused.stderr
    assert "not_json" in refused.stderr
    assert refused.stdout == ""
    assert messages(settings) == []


def test_skip_bad_publishes_the_others_and_counts(settings: Settings, environment: dict[str, str]) -> None:
    published = tokens(
        "publish", "-", "--skip-bad", settings=environment, stdin=b"\n".join([GOOD, BAD, GOOD])
    )
    assert (published.returncode, published.stdout) == (0, "published 2, skipped 1\n")
    assert published.stderr.startswith("line 2: ")
    assert [message.value() for message in messages(settings)] == [GOOD, GOOD]


def test_unchecked_lines_go_out_as_they_are(settings: Settings, environment: dict[str, str]) -> None:
    five_megabytes = b"x" * 5_000_000
    published = tokens(
        "publish",
        "-",
        "--unchecked",
        "--topic",
        "orders",
        settings=environment,
        stdin=BAD + b"\n" + five_megabytes,
    )
    assert (published.returncode, published.stdout) == (0, "published 2, skipped 0\n"), published.stderr
    assert {message.value() for message in messages(settings)} == {BAD, five_megabytes}


@pytest.mark.parametrize(
    "arguments",
    [
        ["publish", "-", "--unchecked"],
        ["publish", "-", "--topic", "orders"],
        ["publish", "-", "--unchecked", "--topic", "token-status"],
        ["publish", "/no/such/file"],
        ["drain", "--timeout", "-1"],
        ["no-such-command"],
    ],
)
def test_wrong_usage_is_exit_code_2(arguments: list[str], tmp_path: Path) -> None:
    assert (
        tokens(*arguments, settings={"TOKENS_KAFKA": "127.0.0.1:1", "TOKENS_DATA": str(tmp_path)}).returncode
        == 2
    )


def test_a_broker_that_is_away_is_a_sentence(tmp_path: Path) -> None:
    away = tokens(
        "publish", "-", settings={"TOKENS_KAFKA": "127.0.0.1:1", "TOKENS_DATA": str(tmp_path)}, stdin=GOOD
    )
    assert away.returncode == 1
    assert "127.0.0.1:1" in away.stderr
    assert away.stderr.count("\n") == 1


def test_topics_made_this_moment_are_waited_for_until_they_are_led(settings: Settings) -> None:
    """Kafka answers `Not leader` for a partition that has just been made; that is no reason to fail."""
    assert settings.kafka is not None
    fresh = settings.model_copy(update={"topic_prefix": f"{settings.topic_prefix}fresh.", "partitions": 8})
    make_missing_topics(fresh, settings.kafka)
    assert set(input_ranges(fresh).values()) == {Range(0, 0)}


def test_drain_waits_until_all_is_recorded_dead_letters_too(
    environment: dict[str, str], worker: Command
) -> None:
    assert tokens("publish", "-", settings=environment, stdin=GOOD).returncode == 0
    tokens("publish", "-", "--unchecked", "--topic", "transfers", settings=environment, stdin=BAD)
    drained = tokens("drain", "--timeout", "60", settings=environment)
    assert drained.returncode == 0, drained.stderr
    assert drained.stdout.startswith("drained: 2 messages in 24 partitions")
    rows = tokens("query", "--json", settings=environment)
    assert [row["token_serial"] for row in json.loads(rows.stdout)["rows"]] == ["ST-1"]


def test_drain_names_the_partitions_behind_when_the_time_is_over(
    settings: Settings, environment: dict[str, str]
) -> None:
    tokens("publish", "-", settings=environment, stdin=GOOD)
    late = tokens("drain", "--timeout", "0.5", settings=environment)
    assert late.returncode == 1
    assert f"{settings.topic_prefix}orders/" in late.stderr
    assert "at 0 of 1" in late.stderr


def test_drain_of_empty_topics_ends_at_once(environment: dict[str, str]) -> None:
    assert tokens("drain", "--timeout", "0", settings=environment).returncode == 0
