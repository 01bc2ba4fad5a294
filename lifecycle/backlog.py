"""Fetched records that wait for their batch, taken evenly from all partitions.

A token's events lie in several topics. Read evenly, by each partition's share of what is left, they meet in the
same batch, and the token is folded once instead of once per topic.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any

MESSAGE_OVERHEAD_BYTES = 100


class Backlog:
    """The records of the partitions assigned, in order within each."""

    def __init__(self) -> None:
        self._waiting: dict[Any, deque[Any]] = {}

    def __bool__(self) -> bool:
        return any(self._waiting.values())

    def add(self, partition: Any, records: Iterable[Any]) -> None:
        """Take in what was fetched next of a partition."""
        self._waiting.setdefault(partition, deque()).extend(records)

    def forget(self, partitions: Iterable[Any]) -> None:
        """Drop what waits: the partition's place is about to be read anew."""
        for partition in partitions:
            self._waiting.pop(partition, None)

    def waiting(self, partition: Any) -> int:
        """How many records of a partition wait."""
        return len(self._waiting.get(partition, ()))

    def take(self, lags: Mapping[Any, int], max_records: int, max_bytes: int) -> dict[Any, list[Any]]:
        """Up to `max_records`, `max_bytes` in all, each partition by its share of the lag; at least one record."""
        total = sum(lags.values()) or 1
        taken: dict[Any, list[Any]] = {}
        size = 0
        for partition, waiting in self._waiting.items():
            share = -(-max_records * lags.get(partition, 0) // total)
            records = taken.setdefault(partition, [])
            while waiting and len(records) < share and (size < max_bytes or not size):
                record = waiting.popleft()
                size += len(record.value or b"") + MESSAGE_OVERHEAD_BYTES
                records.append(record)
        return {partition: records for partition, records in taken.items() if records}
