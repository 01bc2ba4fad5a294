"""The consumer: the process's one reader of all topics, from the broker to the recorder.

Kafka keeps the log and tells who reads which partition; where to read on is kept in Postgres alone, in the
transaction that stored what was read before. Whatever happens here, the worst is that a batch is read again.
"""

import asyncio
import time
from collections.abc import Iterable, Mapping
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener
from aiokafka.errors import (
    IllegalStateError,
    KafkaError,
    KafkaTimeoutError,
    NoOffsetForPartitionError,
    OffsetOutOfRangeError,
)
from mode import Service

from lifecycle import metrics
from lifecycle.agents import AGENTS
from lifecycle.arrivals import Arrivals
from lifecycle.backlog import Backlog
from lifecycle.garbage import BetweenBatches
from lifecycle.recording import (
    Advance,
    Batch,
    OffsetsMoved,
    Partition,
    Recorder,
    TopicMadeAnew,
    Unavailable,
)
from lifecycle.standing import Standing
from lifecycle.topic_ids import topic_ids
from lifecycle.turns import Turns
from schemas.topics import RETRACTIONS

logger = structlog.get_logger()

BATCH_MESSAGES = 20_000
BATCH_BYTES = 16 * 1024 * 1024
BACKLOG_BYTES = 4 * BATCH_BYTES
FETCH_MILLISECONDS = 500
# aiokafka has one request at a time under way to a broker. While it waits there for news of the quiet partitions,
# nothing more comes of the busy ones.
BROKER_WAIT_MILLISECONDS = 50
PARTITION_FETCH_BYTES = 2 * 1024 * 1024
RECORDS_BETWEEN_YIELDS = 1_000
# How long the group waits for a worker that was killed, and, when it comes together anew, for one that lives but does
# not come. Less than the 40 s after which aiokafka gives up a request, also the one that waits for the group.
SESSION_MILLISECONDS = 12_000
REBALANCE_MILLISECONDS = 30_000
BACKOFF_SECONDS = (0.1, 5.0)
COMMIT_SECONDS = 1.0
WATCH_SECONDS = 10.0
# What is under way when it is told to stop: a transaction is rolled back, unless the database does not answer.
STOP_SECONDS = 2.0


class Consumer(Service, ConsumerRebalanceListener):  # type: ignore[misc]
    """Reads all topics, has each message parsed by its topic's agent, and hands batches to the recorder.

    Raises, and so ends the process, where going on could lose something: an offset out of range, a topic made
    anew, an error that nobody knows.
    """

    def __init__(
        self,
        bootstrap_servers: str,
        group: str,
        topic_prefix: str,
        recorder: Recorder,
        reader: type[AIOKafkaConsumer] = AIOKafkaConsumer,
    ) -> None:
        super().__init__()
        self._reader = reader
        self._bootstrap_servers = bootstrap_servers
        self._group = group
        self._agents = {topic_prefix + topic: agent for topic, agent in AGENTS.items()}
        self._recorder = recorder
        self._consumer: Any = None
        self._reading: asyncio.Future[None] | None = None
        self._backlog = Backlog()
        self._turns = Turns(topic_prefix + RETRACTIONS)
        # Keyed by aiokafka's TopicPartition, which is a plain (topic, partition) tuple to a dict.
        self._unplaced: set[Any] = set()
        self._places: dict[Any, int] = {}
        self._topic_ids: dict[str, str] = {}
        self._committed_at = 0.0
        self._garbage = BetweenBatches()
        self.standing = Standing()

    # aiokafka's rebalance listener. Places are read by the loop: a listener's errors would be swallowed.

    def on_partitions_revoked(self, revoked: Iterable[Any]) -> None:
        """Forget partitions that another worker reads from here on."""
        revoked = set(revoked)
        self._backlog.forget(revoked)
        self._unplaced -= revoked
        for partition in revoked:
            self._places.pop(partition, None)
        self.standing.loses_partitions()

    def on_partitions_assigned(self, assigned: Iterable[Any]) -> None:
        """Note partitions whose place is to be read."""
        self._unplaced |= set(assigned)
        if not self._unplaced:  # there are more workers than partitions; this one is to spare
            self.standing.has_partitions()

    # The loop.

    async def on_start(self) -> None:
        """Connect to both sides, waiting for either for as long as it takes."""
        self._reading = self.add_future(self._run())
        self.add_future(self._watch())

    async def on_stop(self) -> None:
        """Leave the group, so that another worker takes over at once."""
        if self._reading is not None:
            # First: aiokafka closes the connections that it has, not one that is being made for a call under way.
            self._reading.cancel()
            await asyncio.wait([self._reading], timeout=STOP_SECONDS)
        if self._consumer is not None:
            await self._consumer.stop()
        await self._recorder.close()

    async def _run(self) -> None:
        await self._patiently(self._recorder.open)
        await self._patiently(self._look_at_topics)
        await self._read()

    async def _read(self) -> None:
        self._consumer = self._reader(
            bootstrap_servers=self._bootstrap_servers,
            group_id=self._group,
            enable_auto_commit=False,
            auto_offset_reset="none",
            isolation_level="read_committed",
            max_partition_fetch_bytes=PARTITION_FETCH_BYTES,
            fetch_max_wait_ms=BROKER_WAIT_MILLISECONDS,
            session_timeout_ms=SESSION_MILLISECONDS,
            rebalance_timeout_ms=REBALANCE_MILLISECONDS,
        )
        self._consumer.subscribe(list(self._agents), listener=self)
        await self._patiently(self._consumer.start)
        self._garbage.collect()
        logger.info("reading", topics=sorted(self._agents), group=self._group)
        upcoming: asyncio.Task[Batch | None] | None = None
        try:
            while not self.should_stop:
                self.standing.progress()
                if self._unplaced:
                    await self._discard(upcoming)
                    upcoming = None
                    await self._patiently(self._place)
                    continue
                batch = await (upcoming or self._next_batch())
                upcoming = None
                if batch is None:
                    continue
                # The next batch is fetched and parsed while Postgres stores this one.
                upcoming = asyncio.create_task(self._next_batch(after=batch))
                try:
                    await self._record(batch)
                except OffsetsMoved as moved:
                    logger.warning(
                        "the batch was dropped and its partitions' places are read anew", reason=str(moved)
                    )
                    metrics.MOVED.inc()
                    self._unplaced |= set(self._places)
        finally:
            await self._discard(upcoming)

    async def _discard(self, upcoming: asyncio.Task[Batch | None] | None) -> None:
        if upcoming is not None:
            upcoming.cancel()
            await asyncio.gather(upcoming, return_exceptions=True)
            self._unplaced |= set(self._places)  # what it had taken from the backlog is fetched again

    async def _patiently(self, action: Any) -> None:
        """Do what needs a server, again and again until it is there."""
        pause, longest = BACKOFF_SECONDS
        while not self.should_stop:
            self.standing.progress()
            try:
                await action()
            except (Unavailable, ConnectionError, KafkaError) as error:
                if isinstance(error, KafkaError) and not (
                    error.retriable or isinstance(error, KafkaTimeoutError)
                ):
                    raise
                self.standing.hinder(str(error) or type(error).__name__)
                await asyncio.sleep(pause)
                pause = min(pause * 2, longest)
            else:
                self.standing.unhinder()
                return

    async def _look_at_topics(self) -> None:
        """Learn the topics' ids; of all of them, since aiokafka waits for one that is missing, and says nothing."""
        self._topic_ids = await topic_ids(self._bootstrap_servers, sorted(self._agents))

    async def _place(self) -> None:
        """Seek each new partition to where Postgres says that reading goes on."""
        unplaced = set(self._unplaced)
        await self._look_at_topics()
        beginnings = await self._consumer.beginning_offsets(unplaced)
        places = await self._recorder.places(
            {Partition(each.topic, each.partition): offset for each, offset in beginnings.items()},
            self._topic_ids,
        )
        for partition in unplaced & self._unplaced:
            place = places[Partition(partition.topic, partition.partition)]
            try:
                self._consumer.seek(partition, place)
            except IllegalStateError:  # taken from us meanwhile
                self._unplaced.discard(partition)
                continue
            self._backlog.forget([partition])
            self._places[partition] = place
        self._unplaced -= unplaced
        if self._places and not self._unplaced:  # else they are being dealt out again
            self.standing.has_partitions()
        logger.info("partitions placed", partitions=len(self._places))

    async def _watch(self) -> None:
        """Look at the topics' ids now and then: aiokafka would read on in one made anew, from the old one's place."""
        while not self.should_stop:
            await self.sleep(WATCH_SECONDS)
            try:
                found = await topic_ids(self._bootstrap_servers, sorted(self._agents))
            except ConnectionError as error:
                self.standing.broker_obstacle = str(error)
                continue
            self.standing.broker_obstacle = None
            for topic, known in self._topic_ids.items():
                if known != found[topic]:
                    raise TopicMadeAnew(topic, known, found[topic])

    async def _next_batch(self, after: Batch | None = None) -> Batch | None:
        """Fetch, and have the agents parse; `after` is the batch being recorded, if any. None: nothing new."""
        places = dict(self._places)
        for each in () if after is None else after.advances:
            if (each.topic, each.partition) in places:  # else it was taken from us meanwhile
                places[each.topic, each.partition] = each.next
        await self._fetch(places)
        lags = {each: max(self._end(each) - places[each], self._backlog.waiting(each)) for each in places}
        metrics.LAG.set(sum(lags.values()))
        turn = self._turns.next({each: self._backlog.waiting(each) for each in lags})
        taken = self._backlog.take({each: lags[each] for each in turn}, BATCH_MESSAGES, BATCH_BYTES)
        if not taken:
            return await self._past_markers(places) if after is None else None
        arrivals = Arrivals()
        advances: list[Advance] = []
        for partition in sorted(taken):
            records = taken[partition]
            agent = self._agents[partition.topic]
            for start in range(0, len(records), RECORDS_BETWEEN_YIELDS):
                agent.receive(arrivals, records[start : start + RECORDS_BETWEEN_YIELDS])
                await asyncio.sleep(0)
            advances.append(
                Advance(partition.topic, partition.partition, places[partition], records[-1].offset + 1)
            )
        return Batch(arrivals, advances)

    async def _fetch(self, places: Mapping[Any, int]) -> None:
        """Top the backlog up, where it holds less of a partition than that one's share of a batch."""
        lags = {each: max(self._end(each) - place, 1) for each, place in places.items()}
        total = sum(lags.values())
        low = [
            each for each, lag in lags.items() if self._backlog.waiting(each) * total <= BATCH_MESSAGES * lag
        ]
        if self._backlog and (not low or self._backlog.size_bytes > BACKLOG_BYTES):
            return  # enough for a batch. Asked for no partition in particular, aiokafka would give all it has.
        try:
            fetched = await self._consumer.getmany(
                *low, timeout_ms=0 if self._backlog else FETCH_MILLISECONDS
            )
        except NoOffsetForPartitionError:
            return  # assigned this moment: its place has not been read yet
        except OffsetOutOfRangeError as error:
            [(partition, offset)] = error.args[0].items()
            if partition in self._unplaced or partition not in self._places:
                return
            raise RuntimeError(
                f"{partition.topic}/{partition.partition} has no offset {offset} any more: messages that were never "
                "recorded are gone from the broker, or the topic was made anew. Nothing more is read until someone has "
                "looked: restore the topic, or set its row in the table `offsets` to the first offset that is left"
            ) from error
        for partition, records in fetched.items():
            # Not of one that was taken from us while this waited: its records would stay for ever.
            if partition in self._places and partition not in self._unplaced:
                self._backlog.add(partition, records)

    def _end(self, partition: Any) -> int:
        try:
            # What is committed: behind the beginning of a transaction that never ends, nothing can be read.
            return self._consumer.last_stable_offset(partition) or 0
        except (IllegalStateError, AssertionError):
            return 0

    async def _past_markers(self, places: Mapping[Any, int]) -> Batch | None:
        """Move places over what is no message: transaction markers, and what was aborted."""
        advances = []
        for partition, place in sorted(places.items()):
            # Only where it was sought: dealt out anew, one has no position until then, and aiokafka waits for it
            # for ever.
            if partition not in self._places or partition in self._unplaced:
                continue
            position = await self._consumer.position(partition)
            if position > place and not self._backlog.waiting(partition):
                advances.append(Advance(partition.topic, partition.partition, place, position))
        return Batch([], advances) if advances else None

    async def _record(self, batch: Batch) -> None:
        started = time.monotonic()
        pause, longest = BACKOFF_SECONDS
        while True:
            try:
                with self.standing.recording():
                    recorded = await self._recorder.record(batch)
            except Unavailable as error:
                self.standing.hinder(str(error))
                metrics.RETRIES.inc()
                if self.should_stop:
                    return
                await asyncio.sleep(pause)
                pause = min(pause * 2, longest)
            else:
                break
        self.standing.unhinder()
        for each in batch.advances:
            if (each.topic, each.partition) in self._places:
                self._places[each.topic, each.partition] = each.next
        metrics.BATCH_SECONDS.observe(time.monotonic() - started)
        metrics.BATCH_MESSAGES.observe(len(batch.received))
        metrics.EVENTS.inc(recorded.events)
        metrics.REPEATS.inc(recorded.repeats)
        metrics.TOKENS.inc(recorded.tokens)
        metrics.ANNOUNCEMENTS.inc(recorded.announcements)
        self._garbage.collect()
        await self._commit()

    async def _commit(self) -> None:
        """Tell Kafka too, for the tools that show lag. Nothing here ever reads it."""
        now = time.monotonic()
        if now - self._committed_at < COMMIT_SECONDS or not self._places:
            return
        self._committed_at = now
        try:
            # aiokafka would ask again for as long as the group has no coordinator: recording does not wait for that.
            async with asyncio.timeout(COMMIT_SECONDS):
                await self._consumer.commit(dict(self._places))
        except (KafkaError, IllegalStateError, TimeoutError) as error:
            logger.debug("not committed to Kafka", reason=str(error))
