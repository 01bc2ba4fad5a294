"""Whatever lies in a topic is read, told apart and passed: events of any type, and what is no event."""

import asyncpg
import pytest

from lifecycle import metrics
from schemas.topics import INPUT_TOPICS
from tests import events
from tests.events import Json
from tests.lifecycle.consumer.conftest import Start
from tests.lifecycle.consumer.draining import drained
from tests.lifecycle.consumer.producing import Headers, Topics
from tests.projections.recorder import stored
from tests.reference import rules
from tests.reference.histories import ZONE
from tokens.embedded.apache_kafka import ApacheKafka
from tokens.settings import Settings

HISTORY: list[Json] = [
    events.order(["T1", "T2"]),
    events.shipped(["T1"]),
    events.applied("T1", "S1"),
    events.activated("S1"),
    events.unapplied("T1"),
    events.transferred(["T1"]),
    events.returned(["T2"]),
    events.retracted({"source": "urn:none", "id": "none"}),
]


async def test_every_type_is_understood_on_every_topic(
    start: Start, topics: Topics, settings: Settings, sql: asyncpg.Connection
) -> None:
    """Each event once on every topic: the first counts, and the others are repeats."""
    for number, topic in enumerate(INPUT_TOPICS):
        topics.send(*HISTORY, topic=topic, partition=number % settings.partitions)
    await start()
    await drained(settings)
    assert await stored.difference(sql, rules.history_of(HISTORY, ZONE)) is None
    assert await sql.fetchval("select count(*) from events where content is not null") == len(HISTORY)
    assert await sql.fetchval("select count(*) from dead_letters") == 0
    strays = metrics.REGISTRY.get_sample_value(
        "tokens_messages_total", {"topic": "retractions", "kind": "stray"}
    )
    assert strays is not None
    assert strays >= len(HISTORY) - 1, "and strays are counted, for whoever set up a producer wrongly"
    cpu_seconds = metrics.REGISTRY.get_sample_value("process_cpu_seconds_total")
    assert cpu_seconds, "and what the worker spends itself, for whoever asks why it is slow"


async def test_binary_mode_is_read_as_well(
    start: Start, topics: Topics, settings: Settings, sql: asyncpg.Connection
) -> None:
    for event in HISTORY:
        headers: Headers = [
            ("content-type", b"application/json"),
            *(
                (f"ce_{name}", event[name].encode())
                for name in ("specversion", "id", "source", "type", "time")
            ),
        ]
        topics.send(events.encoded(event["data"]), headers=headers)
    await start()
    await drained(settings)
    assert await sql.fetchval("select count(*) from dead_letters") == 0
    assert await stored.difference(sql, rules.history_of(HISTORY, ZONE)) is None


BAD: dict[str, tuple[bytes | None, str]] = {
    "a tombstone": (None, "empty"),
    "no bytes": (b"", "empty"),
    "no JSON": (b"\xff\xfenot json", "not_json"),
    "half of an event": (events.encoded(HISTORY[0])[:-20], "not_json"),
    "an array": (b"[]", "wrong_type"),
    "an unknown type": (events.encoded({**HISTORY[0], "type": "servicetokens.x.v1"}), "unknown_type"),
    "an unknown version": (
        events.encoded({**HISTORY[0], "type": "servicetokens.order.placed.v2"}),
        "unknown_version",
    ),
    "a wrong type": (events.encoded(events.with_data(HISTORY[0], lines="1")), "wrong_type"),
    "a naive instant": (events.encoded({**HISTORY[0], "time": "2026-01-10T17:00:00"}), "naive_instant"),
    "NUL": (events.encoded(events.applied("T\x001", id="nul")), "nul"),
    "too large": (events.encoded(events.order(["T9"], customer_name="x" * 5_000_000)), "too_large"),
}


async def test_what_is_no_event_is_kept_and_its_neighbours_go_through(
    start: Start, topics: Topics, settings: Settings, sql: asyncpg.Connection, broker: object
) -> None:
    """All in one partition, so that each bad message stands between good ones of its batch."""
    bad = dict(BAD)
    if not isinstance(broker, ApacheKafka):
        del bad["too large"]  # the small broker does not take it
    neighbours = [events.order([f"N{number}"], sales_order=f"SO-N{number}") for number in range(len(bad))]
    for neighbour, (value, _) in zip(neighbours, bad.values(), strict=True):
        topics.send(neighbour, value, topic="orders", partition=2)
    await start()
    await drained(settings)
    letters = await sql.fetch('select rule, value, topic, partition from dead_letters order by "offset"')
    assert [(row["rule"], row["value"]) for row in letters] == [(rule, value) for value, rule in bad.values()]
    assert {(row["topic"], row["partition"]) for row in letters} == {(settings.topic("orders"), 2)}
    assert await stored.difference(sql, rules.history_of(neighbours, ZONE)) is None
    assert (await stored.offsets(sql)) == {(settings.topic("orders"), 2): 2 * len(bad)}


async def test_the_same_id_with_other_content_is_kept_with_its_reason(
    start: Start, topics: Topics, settings: Settings, sql: asyncpg.Connection
) -> None:
    placed = HISTORY[0]
    topics.send(placed, events.with_data(placed, org_id="ORG-9"), placed, topic="orders", partition=0)
    await start()
    await drained(settings)
    [letter] = await sql.fetch('select rule, "offset" from dead_letters')
    assert (letter["rule"], letter["offset"]) == ("other_content", 1)


@pytest.mark.usefixtures("apache")
@pytest.mark.parametrize("when", ["before", "while"])
async def test_transactions_of_a_producer_are_read_when_committed_and_their_markers_passed(
    when: str, start: Start, topics: Topics, settings: Settings, sql: asyncpg.Connection
) -> None:
    """Markers and aborted messages take offsets too: were they not passed, `drain` would never end."""
    if when == "while":
        await start()
    producer = Topics(settings, **{"transactional.id": f"{settings.topic_prefix}{when}"})
    producer.begin_transactions()
    aborted = [events.order([f"A{number}"], sales_order=f"SO-A{number}") for number in range(20)]
    producer.transaction(*HISTORY[:3])
    producer.transaction(*aborted, abort=True)
    producer.transaction(*aborted, abort=True, topic="transfers", partition=3)
    producer.transaction(*HISTORY[3:])
    if when == "before":
        await start()
    await drained(settings)
    prefix = settings.topic_prefix
    reached = {
        (topic.removeprefix(prefix), partition): offset
        for (topic, partition), offset in (await stored.offsets(sql)).items()
    }
    assert reached == topics.ends()
    assert await stored.difference(sql, rules.history_of(HISTORY, ZONE)) is None
    # And it goes on from there.
    later = events.order(["T8"], sales_order="SO-8")
    producer.transaction(later)
    await drained(settings)
    assert await stored.difference(sql, rules.history_of([*HISTORY, later], ZONE)) is None


@pytest.mark.parametrize("compression", ["gzip", "snappy", "lz4", "zstd"])
async def test_messages_may_be_compressed(
    compression: str, start: Start, settings: Settings, sql: asyncpg.Connection
) -> None:
    """Producers choose; one that the consumer could not read would stop it."""
    Topics(settings, **{"compression.type": compression}).send(*HISTORY)
    await start()
    await drained(settings)
    assert await stored.difference(sql, rules.history_of(HISTORY, ZONE)) is None
