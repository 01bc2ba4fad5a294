"""What the recorder is handed, and what the consumer makes of its answers."""

import asyncio
import functools

import pytest
from aiokafka import AIOKafkaConsumer

from lifecycle import consumer, fetcher, standing
from lifecycle.recording import Batch, OffsetsMoved, Unavailable
from lifecycle.resting_reader import RestingReader
from schemas.topics import INPUT_TOPICS
from tests import events
from tests.lifecycle.consumer.conftest import Start
from tests.lifecycle.consumer.ledger import Ledger
from tests.lifecycle.consumer.producing import Topics
from tests.projections.recorder.waiting import until
from tokens.settings import Settings

ORDERS = [events.order([f"T{number}"], sales_order=f"SO-{number}") for number in range(300)]
SLOW_SECONDS = 0.02
"""What a transaction of a slow database takes."""
BOOTS = [events.activated(f"S{number}") for number in range(900)]


async def all_recorded(ledger: Ledger, topics: Topics, settings: Settings, ends: int) -> None:
    """Wait until so many messages are recorded; each partition's must be there once, in order."""

    async def is_done() -> bool:
        return sum(map(len, ledger.recorded().values())) >= ends

    await until(is_done, f"{ends} messages are recorded")
    for place, offsets in ledger.recorded().items():
        assert offsets == list(range(len(offsets))), place


async def test_a_batch_is_in_order_of_topic_partition_and_offset(
    start: Start, topics: Topics, settings: Settings
) -> None:
    ledger = Ledger()
    topics.send(*BOOTS, *ORDERS)
    await start(ledger)
    await all_recorded(ledger, topics, settings, 1_200)
    for batch in ledger.batches:
        messages = [received.message for received in batch.received]
        places = [(each.topic, each.partition, each.offset) for each in messages]
        assert places == sorted(places)
        reached = {(each.topic, each.partition): each.offset + 1 for each in messages}
        assert {(each.topic, each.partition): each.next for each in batch.advances} == reached


async def test_partitions_are_read_evenly_by_what_is_left_of_each(
    start: Start, topics: Topics, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Orders and boots of three times their number: each batch has about three boots to an order."""
    monkeypatch.setattr(fetcher, "BATCH_MESSAGES", 200)
    ledger = Ledger()
    topics.send(*ORDERS, topic="orders", partition=0)
    topics.send(*BOOTS, topic="activations", partition=0)
    await start(ledger)
    await all_recorded(ledger, topics, settings, 1_200)
    full = [batch for batch in ledger.batches if len(batch.received) > 150]
    assert len(full) >= 4
    shares = [
        sum(received.message.topic.endswith("orders") for received in batch.received) / len(batch.received)
        for batch in full[1:]  # the first has what was fetched first
    ]
    assert all(0.15 < share < 0.4 for share in shares), shares


@pytest.mark.usefixtures("apache")
async def test_what_waits_for_a_slow_recorder_is_bounded(
    start: Start, topics: Topics, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With far more behind it than it may hold, and messages so large that few make a batch."""
    monkeypatch.setattr(fetcher, "BATCH_BYTES", 200_000)
    monkeypatch.setattr(fetcher, "BACKLOG_BYTES", 400_000)
    monkeypatch.setattr(consumer, "PARTITION_FETCH_BYTES", 100_000)
    most = 0
    size = 0

    async def look(batch: Batch) -> None:
        nonlocal most, size
        most = max(most, reading.assignment.backlog.size_bytes)
        size = max(size, sum(len(received.message.value or b"") for received in batch.received))
        await asyncio.sleep(SLOW_SECONDS)

    # A broker gives whole batches of its producers, so those are to be small too.
    small_batches = Topics(settings, **{"batch.size": 50_000})
    large = [events.order([f"T{n}"], customer_name="x" * 20_000, id=f"large {n}") for n in range(480)]
    for number, event in enumerate(large):
        small_batches.send_unacknowledged(event, partition=number % settings.partitions)
    small_batches.flush()
    ledger = Ledger(look)
    reading = await start(ledger)
    await all_recorded(ledger, topics, settings, len(large))
    assert size <= 200_000 + 4 * 21_000
    assert most <= 400_000 + settings.partitions * 150_000, f"{most:,} of {480 * 20_000:,} bytes waited"


@pytest.mark.usefixtures("apache")
async def test_many_small_messages_do_not_pile_up(
    start: Start, topics: Topics, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where each partition has its share of a batch waiting, nothing more is fetched."""
    monkeypatch.setattr(fetcher, "BATCH_MESSAGES", 100)
    monkeypatch.setattr(consumer, "PARTITION_FETCH_BYTES", 10_000)
    most = 0

    async def look(batch: Batch) -> None:
        nonlocal most
        most = max(most, reading.assignment.backlog.size_bytes)
        await asyncio.sleep(SLOW_SECONDS)

    small_batches = Topics(settings, **{"batch.size": 5_000})
    for topic in INPUT_TOPICS:
        boots = (events.activated(f"S{number}") for number in range(1_000))
        small_batches.send(*boots, topic=topic)
    ledger = Ledger(look)
    reading = await start(ledger)
    await all_recorded(ledger, topics, settings, 6_000)
    assert most < 400_000, f"{most:,} of some {6_000 * 300:,} bytes waited"


async def test_a_batch_is_tried_again_while_the_database_is_away(
    start: Start, topics: Topics, settings: Settings
) -> None:
    failures = 3
    obstacles: list[str | None] = []

    async def fail_thrice(batch: Batch) -> None:
        nonlocal failures
        obstacles.append(reading.standing.obstacle)
        failures -= 1
        if failures >= 0:
            raise Unavailable("the database is away")

    topics.send(*ORDERS)
    ledger = Ledger(fail_thrice)
    reading = await start(ledger)
    await all_recorded(ledger, topics, settings, len(ORDERS))
    assert ledger.asked[0] is ledger.asked[3], "the same batch"
    assert obstacles[:4] == [None, *["the database is away"] * 3], "and readiness says so"
    assert reading.standing.obstacle is None


async def test_a_database_that_does_not_answer_is_said_to_be_slow(
    start: Start, topics: Topics, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its machine swaps, or the network drops packets: no error comes back, and nothing else either."""
    monkeypatch.setattr(standing, "SLOW_SECONDS", 0.1)
    answers = asyncio.Event()

    async def hang(batch: Batch) -> None:
        await answers.wait()

    async def says_so() -> bool:
        return "with the database for" in (reading.standing.obstacle or "")

    topics.send(*ORDERS)
    ledger = Ledger(hang)
    reading = await start(ledger)
    await until(says_so, "readiness says so")
    assert reading.standing.is_alive, "waiting is no reason to be restarted"
    answers.set()
    await all_recorded(ledger, topics, settings, len(ORDERS))
    assert reading.standing.obstacle is None


async def test_a_batch_that_another_has_recorded_is_read_again_from_its_place(
    start: Start, topics: Topics, settings: Settings
) -> None:
    """A recorder that has stored a part, or another worker that has: the place says how much."""
    first = True

    async def move(batch: Batch) -> None:
        nonlocal first
        if first and len(batch.received) > 10:
            first = False
            place = batch.advances[0]
            ledger.stands.update({(place.topic, place.partition): place.expected + 5})  # type: ignore[dict-item]
            ledger.batches.append(Batch(batch.received[:5], []))
            raise OffsetsMoved("five of them are stored")

    topics.send(*ORDERS)
    ledger = Ledger(move)
    await start(ledger)
    await all_recorded(ledger, topics, settings, len(ORDERS))
    assert not first


async def test_partitions_are_taken_away_while_a_batch_of_theirs_is_recorded(
    start: Start, topics: Topics, settings: Settings
) -> None:
    """The next batch is fetched meanwhile; it must not ask for what it has no more."""
    first = True

    async def take_away(batch: Batch) -> None:
        nonlocal first
        if first:
            first = False
            partitions = set(reading.assignment.places)
            reading.assignment.on_partitions_revoked(partitions)
            # They come back when the group has agreed; the loop goes on until then.
            asyncio.get_running_loop().call_later(0.5, reading.assignment.on_partitions_assigned, partitions)

    topics.send(*ORDERS)
    ledger = Ledger(take_away)
    reading = await start(ledger)
    await all_recorded(ledger, topics, settings, len(ORDERS))
    assert not reading.crashed


async def test_while_the_group_deals_partitions_out_readiness_says_so(
    start: Start, topics: Topics, settings: Settings
) -> None:
    """From the start, and whenever a worker comes or goes; one that is to spare gets none, and is ready."""

    async def is_ready() -> bool:
        return reading.standing.obstacle is None

    ledger = Ledger()
    reading = await start(ledger)
    assert "no partitions" in (reading.standing.obstacle or "")
    await until(is_ready, "it reads")
    partitions = set(reading.assignment.places)
    reading.assignment.on_partitions_revoked(partitions)
    assert "no partitions" in (reading.standing.obstacle or "")
    reading.assignment.on_partitions_assigned(partitions)
    assert not await is_ready(), "it is not known yet where to read on"
    await until(is_ready, "it reads again")
    topics.send(*ORDERS)
    await all_recorded(ledger, topics, settings, len(ORDERS))
    reading.assignment.on_partitions_revoked(partitions)
    reading.assignment.on_partitions_assigned(())
    assert await is_ready()


async def test_a_consumer_that_its_group_has_given_up_comes_back(
    start: Start, topics: Topics, settings: Settings
) -> None:
    """The database is away for longer than a member of a group may be silent: five minutes, here one second."""
    impatient = functools.partial(AIOKafkaConsumer, max_poll_interval_ms=1_000, heartbeat_interval_ms=300)
    returns = asyncio.Event()

    async def is_given_up() -> bool:
        return not reading.assignment.places

    async def hang(batch: Batch) -> None:
        await returns.wait()

    topics.send(*ORDERS)
    ledger = Ledger(hang)
    reading = await start(ledger, impatient)
    await until(lambda: asyncio.sleep(0, ledger.asked), "a batch is with the database")
    await until(is_given_up, "its partitions are taken away")
    topics.send(*BOOTS)
    returns.set()
    await all_recorded(ledger, topics, settings, len(ORDERS) + len(BOOTS))


async def test_one_that_rests_after_empty_fetches_reads_what_comes_then(
    start: Start, topics: Topics, settings: Settings
) -> None:
    """For the small broker of machines without Java, which answers an empty fetch at once."""
    ledger = Ledger()
    reading = await start(ledger, RestingReader)

    async def rests() -> bool:
        return bool(reading._consumer and reading._consumer.paused())

    for part in (ORDERS[:100], ORDERS[100:]):
        await until(rests, "it asks for nothing for a while")
        topics.send(*part)
    await all_recorded(ledger, topics, settings, len(ORDERS))


async def test_an_error_that_nobody_knows_stops_it_with_nothing_advanced(
    start: Start, topics: Topics, settings: Settings
) -> None:
    async def break_down(batch: Batch) -> None:
        raise ZeroDivisionError("nobody knows")

    topics.send(*ORDERS)
    ledger = Ledger(break_down)
    reading = await start(ledger)

    async def has_crashed() -> bool:
        return bool(reading.crashed)

    await until(has_crashed, "it gives up")
    assert isinstance(reading.crash_reason, ZeroDivisionError)
    assert len(ledger.asked) == 1
    assert set(ledger.stands.values()) == {0}
