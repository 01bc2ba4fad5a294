"""A recorder in memory: what it is handed, and where partitions stand. It answers as a test has it answer."""

from collections.abc import Awaitable, Callable, Mapping

from lifecycle.recording import Batch, OffsetsMoved, Partition, Recorded, Unavailable

Answer = Callable[[Batch], Awaitable[None]]


class Ledger:
    """`batches` are those recorded; `answer` is asked before each, and may raise what a recorder raises."""

    def __init__(self, answer: Answer | None = None) -> None:
        self.batches: list[Batch] = []
        self.asked: list[Batch] = []
        self.stands: dict[Partition, int] = {}
        self.is_open = False
        self._answer = answer

    async def open(self) -> None:
        self.is_open = True

    async def close(self) -> None:
        self.is_open = False

    async def places(
        self, beginnings: Mapping[Partition, int], topic_ids: Mapping[str, str]
    ) -> dict[Partition, int]:
        assert topic_ids, "a recorder is told of topics made anew"
        return {each: self.stands.setdefault(each, offset) for each, offset in beginnings.items()}

    async def record(self, batch: Batch) -> Recorded:
        if not self.is_open:
            raise Unavailable("closed")
        self.asked.append(batch)
        if self._answer is not None:
            await self._answer(batch)
        if any(
            self.stands[Partition(each.topic, each.partition)] != each.expected for each in batch.advances
        ):
            raise OffsetsMoved("another has been there")
        self.stands.update({Partition(each.topic, each.partition): each.next for each in batch.advances})
        self.batches.append(batch)
        return Recorded(len(batch.received), 0, 0, 0, 0)

    def recorded(self) -> dict[Partition, list[int]]:
        """The offsets recorded of each partition, in the order in which they came."""
        found: dict[Partition, list[int]] = {}
        for batch in self.batches:
            for received in batch.received:
                place = Partition(received.message.topic, received.message.partition)
                found.setdefault(place, []).append(received.message.offset)
        return found
