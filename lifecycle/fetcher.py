"""The fetcher: the next batch of messages, evenly of all partitions, parsed, and bounded in number and bytes."""

import asyncio
from collections.abc import Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import IllegalStateError, NoOffsetForPartitionError, OffsetOutOfRangeError

from lifecycle import metrics
from lifecycle.agents import AGENTS
from lifecycle.arrivals import Arrivals
from lifecycle.assignment import Assignment
from lifecycle.recording import Advance, Batch
from lifecycle.turns import Turns
from schemas.topics import RETRACTIONS

BATCH_MESSAGES = 20_000
BATCH_BYTES = 16 * 1024 * 1024
BACKLOG_BYTES = 4 * BATCH_BYTES
FETCH_MILLISECONDS = 500
RECORDS_BETWEEN_YIELDS = 1_000


class Fetcher:
    """Fetches by `reader` what is assigned, and has the agents of the topics parse it.

    Raises `RuntimeError` where messages are gone from the broker that were never recorded.
    """

    def __init__(self, reader: AIOKafkaConsumer, topic_prefix: str, assignment: Assignment) -> None:
        self._reader = reader
        self._assignment = assignment
        self._backlog = assignment.backlog
        self._agents = {topic_prefix + topic: agent for topic, agent in AGENTS.items()}
        self._turns = Turns(topic_prefix + RETRACTIONS)

    async def next_batch(self, after: Batch | None = None) -> Batch | None:
        """Fetch, and have the agents parse; `after` is the batch being recorded, if any. None: nothing new."""
        places = dict(self._assignment.places)
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
            fetched = await self._reader.getmany(*low, timeout_ms=0 if self._backlog else FETCH_MILLISECONDS)
        except NoOffsetForPartitionError:
            return  # assigned this moment: its place has not been read yet
        except OffsetOutOfRangeError as error:
            [(partition, offset)] = error.args[0].items()
            if not self._assignment.is_placed(partition):
                return
            raise RuntimeError(
                f"{partition.topic}/{partition.partition} has no offset {offset} any more: messages that were never "
                "recorded are gone from the broker, or the topic was made anew. Nothing more is read until someone has "
                "looked: restore the topic, or set its row in the table `offsets` to the first offset that is left"
            ) from error
        for partition, records in fetched.items():
            # Not of one that was taken from us while this waited: its records would stay for ever.
            if self._assignment.is_placed(partition):
                self._backlog.add(partition, records)

    def _end(self, partition: Any) -> int:
        try:
            # What is committed: behind the beginning of a transaction that never ends, nothing can be read.
            return self._reader.last_stable_offset(partition) or 0
        except (IllegalStateError, AssertionError):
            return 0

    async def _past_markers(self, places: Mapping[Any, int]) -> Batch | None:
        """Move places over what is no message: transaction markers, and what was aborted."""
        advances = []
        for partition, place in sorted(places.items()):
            # Only where it was sought: dealt out anew, one has no position until then, and aiokafka waits for it
            # for ever.
            if not self._assignment.is_placed(partition):
                continue
            position = await self._reader.position(partition)
            if position > place and not self._backlog.waiting(partition):
                advances.append(Advance(partition.topic, partition.partition, place, position))
        return Batch([], advances) if advances else None
