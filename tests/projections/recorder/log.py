"""Stands for the topics of a test: gives each message its place, and makes batches as the consumer would."""

import json
import random
from collections import defaultdict
from collections.abc import Iterable, Sequence

from lifecycle.recording import Advance, Batch, Message, Partition, Received, Recorder
from schemas.envelope import parse
from schemas.topics import EVENT_TYPES, INPUT_TOPICS
from tests.events import Json, encoded

PUBLISHED_MS = 1_780_000_000_000
HEADERS = (("content-type", b"application/cloudevents+json"),)
TOPIC_IDS = {topic: f"id of {topic}" for topic in INPUT_TOPICS}


class Log:
    """All topics, of `partitions` partitions each. A message is given by its event, or by its bytes."""

    def __init__(self, partitions: int = 2) -> None:
        self._ends: dict[Partition, int] = defaultdict(int)
        self._places: dict[Partition, int] = defaultdict(int)
        self.partitions = [Partition(topic, number) for topic in INPUT_TOPICS for number in range(partitions)]

    async def begin(self, recorder: Recorder) -> None:
        """Have the recorder know all partitions, from offset 0."""
        await recorder.places(dict.fromkeys(self.partitions, 0), TOPIC_IDS)

    def append(
        self,
        given: Json | bytes | None,
        partition: Partition | None = None,
        headers: tuple[tuple[str, bytes], ...] = HEADERS,
        timestamp_ms: int = PUBLISHED_MS,
    ) -> Received:
        """The message at the end of a partition (the first of `orders`), parsed."""
        place = partition or self.partitions[0]
        value = encoded(given) if isinstance(given, dict) else given
        message = Message(*place, self._ends[place], timestamp_ms, b"key", headers, value)
        self._ends[place] += 1
        return Received(message, parse(value, headers))

    def batch_of(self, received: Iterable[Received]) -> Batch:
        """As from the consumer: in order of topic, partition and offset, and how far that brings each."""
        ordered = sorted(received, key=lambda each: (*_partition(each), each.message.offset))
        reached = {_partition(each): each.message.offset + 1 for each in ordered}
        advances = [Advance(*place, self._places[place], end) for place, end in sorted(reached.items())]
        self._places.update(reached)
        return Batch(ordered, advances)

    def batch(self, *given: Json | bytes | None, partition: Partition | None = None) -> Batch:
        """The next messages of one partition, in the order given."""
        return self.batch_of([self.append(each, partition) for each in given])


def _partition(received: Received) -> Partition:
    return Partition(received.message.topic, received.message.partition)


def spread(
    log: Log, delivery: Sequence[Json], chance: random.Random, number: int, largest: int
) -> list[Batch]:
    """The delivery on the topics, all in partition `number`, cut into batches of 1 to `largest` events.

    Most events go to the topic of their type. Within a batch they are in the order of the topics, as a
    consumer has them.
    """
    batches = []
    rest = list(delivery)
    while rest:
        size = chance.randint(1, largest)
        part, rest = rest[:size], rest[size:]
        received = []
        for event in part:
            expected = EVENT_TYPES[event["type"]].topic
            topic = expected if chance.random() < 0.8 else chance.choice(INPUT_TOPICS)
            received.append(log.append(event, Partition(topic, number)))
        batches.append(log.batch_of(received))
    return batches


def written_out(batches: Iterable[Batch]) -> str:
    """Batches for a person to read, a line an event."""
    lines = []
    for count, batch in enumerate(batches):
        for received in batch.received:
            event = json.loads(received.message.value or b"null")
            lines.append(f"batch {count} {received.message.topic}: {json.dumps(event, ensure_ascii=False)}")
    return "\n".join(lines)
