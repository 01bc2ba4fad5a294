"""The messages of one batch, parsed as they are taken in."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from lifecycle.recording import Message, Received
from native import compiled
from schemas.envelope import Event, parse
from schemas.rules import Invalid

Count = tuple[str | None, int]
"""How many messages are of a type, by its full name, or invalid (None)."""


class ArrivalsInPython(list[Received]):
    """Messages of a batch, in order; the twin of `native.compiled.Arrivals`."""

    def receive(
        self, records: Iterable[Any], parse: Callable[[bytes | None, Any], Event | Invalid]
    ) -> Sequence[Count]:
        """Take in what was fetched (aiokafka's `ConsumerRecord`), in order; tells what it was."""
        counts: Counter[str | None] = Counter()
        for record in records:
            message = Message(
                record.topic,
                record.partition,
                record.offset,
                record.timestamp,
                record.key,
                record.headers,
                record.value,
            )
            parsed = parse(record.value, record.headers)
            self.append(Received(message, parsed))
            counts[parsed.type if isinstance(parsed, Event) else None] += 1
        return list(counts.items())


Arrivals: Any = ArrivalsInPython if compiled is None else compiled.Arrivals


def receive(arrivals: Any, records: Sequence[Any]) -> Sequence[Count]:
    """Take records into `arrivals`; tells how many are of which type."""
    counts: Sequence[Count] = arrivals.receive(records, parse)
    return counts
