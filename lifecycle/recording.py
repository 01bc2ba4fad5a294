"""What passes between the agents and the recorder: batches in, and the ways in which recording can fail."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

import msgspec

from schemas.envelope import Event
from schemas.rules import Invalid


class Message(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One Kafka message as it came. `timestamp` is in milliseconds; the topic's name includes the prefix."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    value: bytes | None


class Received(msgspec.Struct, frozen=True, gc=False):
    """A message, and what its topic's agent made of it."""

    message: Message
    parsed: Event | Invalid


class Advance(NamedTuple):
    """A partition's place: `expected` is what the database must hold, `next` what it holds afterwards."""

    topic: str
    partition: int
    expected: int
    next: int


class Batch(NamedTuple):
    """Messages in order of topic, partition and offset, and how far they bring each partition."""

    received: Sequence[Received]
    advances: Sequence[Advance]


class Recorded(NamedTuple):
    """What one batch came to, in numbers of each."""

    events: int
    repeats: int
    dead_letters: int
    tokens: int
    announcements: int


class Unavailable(Exception):
    """The database cannot record just now; the same batch may be tried again."""


class OffsetsMoved(Exception):
    """Another worker has advanced a partition of the batch: nothing was recorded, and the place must be read anew."""


class Partition(NamedTuple):
    """A partition of a topic, as the recorder knows it."""

    topic: str
    partition: int


class Recorder(Protocol):
    """Where batches go. One batch is recorded whole or not at all."""

    async def open(self) -> None:
        """Connect. Raises `Unavailable`."""

    async def close(self) -> None:
        """Let go of the database."""

    async def places(
        self, beginnings: Mapping[Partition, int], topic_ids: Mapping[str, str]
    ) -> dict[Partition, int]:
        """The next offset of each partition; one never read before begins at its entry in `beginnings`.

        Raises `Unavailable`, and `TopicMadeAnew` where a topic's id is not the one recorded.
        """

    async def record(self, batch: Batch) -> Recorded:
        """Record a batch. Raises `Unavailable` or `OffsetsMoved`."""


class TopicMadeAnew(Exception):
    """A topic was deleted and created again: its offsets mean other messages now."""

    def __init__(self, topic: str, recorded_id: str, found_id: str) -> None:
        super().__init__(
            f"topic {topic!r} was made anew since it was first read (its id was {recorded_id}, it is {found_id} "
            "now), so the stored offsets mean other messages. Nothing more is read. Restore the topic, or delete "
            "its rows from the table `offsets` to read it from its beginning: events that are known already "
            "change nothing."
        )
