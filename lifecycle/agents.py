"""One agent per topic: it takes a message off its topic and says what event it is, or why it is none.

Every type is understood on every topic; an agent knows which ones its producers are expected to send, so that
strays can be counted and a misconfigured producer found.
"""

from collections.abc import Sequence
from typing import Any

from lifecycle import metrics
from lifecycle.arrivals import receive
from schemas.topics import EVENT_TYPES, INPUT_TOPICS


class Agent:
    """The agent of one topic."""

    def __init__(self, topic: str) -> None:
        self.topic = topic
        self.expected = {name for name, event_type in EVENT_TYPES.items() if event_type.topic == topic}

    def receive(self, arrivals: Any, records: Sequence[Any]) -> None:
        """Parse what the consumer fetched (aiokafka's `ConsumerRecord`) into `arrivals`, in order."""
        for event_type, count in receive(arrivals, records):
            kind = "invalid" if event_type is None else "expected" if event_type in self.expected else "stray"
            metrics.MESSAGES.labels(self.topic, kind).inc(count)


AGENTS: dict[str, Agent] = {topic: Agent(topic) for topic in INPUT_TOPICS}
"""The agents by the bare name of their topic."""
