"""The consumer: the process's one reader of all topics, from the broker to the recorder.

Kafka keeps the log and tells who reads which partition; where to read on is kept in Postgres alone, in the
transaction that stored what was read before. Whatever happens here, the worst is that a batch is read again.
"""

import asyncio
import time
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import IllegalStateError, KafkaError, KafkaTimeoutError
from mode import Service

from lifecycle import metrics
from lifecycle.assignment import Assignment
from lifecycle.fetcher import Fetcher
from lifecycle.garbage import BetweenBatches
from lifecycle.recording import Batch, OffsetsMoved, Partition, Recorder, TopicMadeAnew, Unavailable
from lifecycle.standing import Standing
from lifecycle.topic_ids import topic_ids
from schemas.topics import INPUT_TOPICS

logger = structlog.get_logger()

# aiokafka has one request at a time under way to a broker. While it waits there for news of the quiet partitions,
# nothing more comes of the busy ones.
BROKER_WAIT_MILLISECONDS = 50
PARTITION_FETCH_BYTES = 2 * 1024 * 1024
# How long the group waits for a worker that was killed, and, when it comes together anew, for one that lives but does
# not come. Less than the 40 s after which aiokafka gives up a request, also the one that waits for the group.
SESSION_MILLISECONDS = 12_000
REBALANCE_MILLISECONDS = 30_000
BACKOFF_SECONDS = (0.1, 5.0)
COMMIT_SECONDS = 1.0
WATCH_SECONDS = 10.0
# How long it waits, when told to stop, for the end of what is under way: for the rollback of a transaction, which a
# database that is gone never answers.
STOP_SECONDS = 2.0


class Consumer(Service):
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
        self._topic_prefix = topic_prefix
        self._topics = sorted(topic_prefix + topic for topic in INPUT_TOPICS)
        self._recorder = recorder
        self._consumer: Any = None
        self._reading: asyncio.Future[None] | None = None
        self._topic_ids: dict[str, str] = {}
        self._committed_at = 0.0
        self._garbage = BetweenBatches()
        self.standing = Standing()
        self.assignment = Assignment(self.standing)

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
        try:
            if self._consumer is not None:
                await self._consumer.stop()
        finally:
            await self._recorder.close()

    async def _run(self) -> None:
        await self._patiently(self._recorder.open)
        await self._patiently(self._look_at_topics)
        if not self.should_stop:  # a reader made from here on would be stopped by nobody
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
        self._consumer.subscribe(self._topics, listener=self.assignment)
        await self._patiently(self._consumer.start)
        self._garbage.collect()
        logger.info("reading", topics=self._topics, group=self._group)
        fetcher = Fetcher(self._consumer, self._topic_prefix, self.assignment)
        upcoming: asyncio.Task[Batch | None] | None = None
        try:
            while not self.should_stop:
                self.standing.progress()
                if self.assignment.unplaced:
                    await self._discard(upcoming)
                    upcoming = None
                    await self._patiently(self._place)
                    continue
                batch = await (upcoming or fetcher.next_batch())
                upcoming = None
                if batch is None:
                    continue
                # The next batch is fetched and parsed while Postgres stores this one.
                upcoming = asyncio.create_task(fetcher.next_batch(after=batch))
                try:
                    await self._record(batch)
                except OffsetsMoved as moved:
                    logger.warning(
                        "the batch was dropped and its partitions' places are read anew", reason=str(moved)
                    )
                    metrics.MOVED.inc()
                    self.assignment.unplace()
        finally:
            await self._discard(upcoming)

    async def _discard(self, upcoming: asyncio.Task[Batch | None] | None) -> None:
        if upcoming is not None:
            upcoming.cancel()
            await asyncio.gather(upcoming, return_exceptions=True)
            self.assignment.unplace()  # what it had taken from the backlog is fetched again

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
                await self.sleep(pause)  # not longer than it is to run
                pause = min(pause * 2, longest)
            else:
                self.standing.unhinder()
                return

    async def _look_at_topics(self) -> None:
        """Learn the topics' ids; of all of them, since aiokafka waits for one that is missing, and says nothing."""
        self._topic_ids = await topic_ids(self._bootstrap_servers, self._topics)

    async def _place(self) -> None:
        """Seek each new partition to where Postgres says that reading goes on."""
        unplaced = set(self.assignment.unplaced)
        await self._look_at_topics()
        beginnings = await self._consumer.beginning_offsets(unplaced)
        places = await self._recorder.places(
            {Partition(each.topic, each.partition): offset for each, offset in beginnings.items()},
            self._topic_ids,
        )
        sought = {}
        for partition in unplaced & self.assignment.unplaced:
            place = places[Partition(partition.topic, partition.partition)]
            try:
                self._consumer.seek(partition, place)
            except IllegalStateError:  # taken from us meanwhile
                self.assignment.unplaced.discard(partition)
            else:
                sought[partition] = place
        self.assignment.place(sought)
        logger.info("partitions placed", partitions=len(self.assignment.places))

    async def _watch(self) -> None:
        """Look at the topics' ids now and then: aiokafka would read on in one made anew, from the old one's place."""
        while not self.should_stop:
            await self.sleep(WATCH_SECONDS)
            try:
                found = await topic_ids(self._bootstrap_servers, self._topics)
            except ConnectionError as error:
                self.standing.broker_obstacle = str(error)
                continue
            self.standing.broker_obstacle = None
            for topic, known in self._topic_ids.items():
                if known != found[topic]:
                    raise TopicMadeAnew(topic, known, found[topic])

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
        self.assignment.advance(batch.advances)
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
        if now - self._committed_at < COMMIT_SECONDS or not self.assignment.places:
            return
        self._committed_at = now
        try:
            # aiokafka would ask again for as long as the group has no coordinator: recording does not wait for that.
            async with asyncio.timeout(COMMIT_SECONDS):
                await self._consumer.commit(dict(self.assignment.places))
        except (KafkaError, IllegalStateError, TimeoutError) as error:
            logger.debug("not committed to Kafka", reason=str(error))
