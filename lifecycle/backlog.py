"""Fetched records that wait for their batch, taken evenly from all partitions.

A token's events lie in several topics. Read evenly, by each partition's share of what is left, they meet in the
same batch, and the token is folded once instead of once per topic.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

MESSAGE_OVERHEAD_BYTES = 100


class Backlog:
    """The records of the partitions assigned, in order within each; `size_bytes` in all."""

    def __init__(self) -> None:
        self._waiting: dict[Any, deque[Any]] = {}
        self.size_bytes = 0

    def __bool__(self) -> bool:
        return any(self._waiting.values())

    def add(self, partition: Any, records: Sequence[Any]) -> None:
        """Take in what was fetched next of a partition."""
        self._waiting.setdefault(partition, deque()).extend(records)
        self.size_bytes += sum(map(_size_bytes, records))

    def forget(self, partitions: Iterable[Any]) -> None:
        """Drop what waits: the partition's place is about to be read anew."""
        for partition in partitions:
            self.size_bytes -= sum(map(_size_bytes, self._waiting.pop(partition, ())))

    def waiting(self, partition: Any) -> int:
        """How many records of a partition wait."""
        return len(self._waiting.get(partition, ()))

    def take(self, lags: Mapping[Any, int], max_records: int, max_bytes: int) -> dict[Any, list[Any]]:
        """About `max_records` and `max_bytes`, each partition by its share of the lag; at least one record.

        Where records are so large that not every partition has its turn, those left out are first next time.
        """
        total = sum(lags.values()) or 1
        taken: dict[Any, list[Any]] = {}
        size = 0
        for partition in list(self._waiting):
            if size >= max_bytes:
                break
            waiting = self._waiting[partition] = self._waiting.pop(partition)
            lag = lags.get(partition, 0)
            most = -(-max_records * lag // total)
            size_most = size + max_bytes * lag / total
            records: list[Any] = []
            while waiting and len(records) < most and size < size_most:
                record = waiting.popleft()
                size += _size_bytes(record)
                records.append(record)
            if records:
                taken[partition] = records
        self.size_bytes -= size
        return taken


def _size_bytes(record: Any) -> int:
    return len(record.value or b"") + MESSAGE_OVERHEAD_BYTES
