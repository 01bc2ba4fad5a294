"""One agent per topic: it takes a message off its topic and says what event it is, or why it is none.

Every type is understood on every topic; an agent knows which ones its producers are expected to send, so that
strays can be counted and a misconfigured producer found.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from lifecycle import metrics
from lifecycle.recording import Message, Received
from schemas.envelope import Event, parse
from schemas.topics import EVENT_TYPES, INPUT_TOPICS


class Agent:
    """The agent of one topic."""

    def __init__(self, topic: str) -> None:
        self.topic = topic
        self.expected = {name for name, event_type in EVENT_TYPES.items() if event_type.topic == topic}

    def receive(self, records: Iterable[Any]) -> list[Received]:
        """Parse what the consumer fetched (aiokafka's `ConsumerRecord`), in order."""
        received = []
        counts: Counter[str] = Counter()
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
            received.append(Received(message, parsed))
            if not isinstance(parsed, Event):
                counts["invalid"] += 1
            else:
                counts["expected" if parsed.type in self.expected else "stray"] += 1
        for kind, count in counts.items():
            metrics.MESSAGES.labels(self.topic, kind).inc(count)
        return received


AGENTS: dict[str, Agent] = {topic: Agent(topic) for topic in INPUT_TOPICS}
"""The agents by the bare name of their topic."""
