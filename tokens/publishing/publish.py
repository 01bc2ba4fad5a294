"""Both passes: check the whole input, then send it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, Protocol

from schemas.topics import INPUT_TOPICS
from tokens.failure import Failure
from tokens.publishing.lines import Line, lines
from tokens.publishing.plan import BadLine, Plan
from tokens.publishing.producer import LineProducer
from tokens.servers import kafka_of
from tokens.settings import Settings


class Progress(Protocol):
    """Who hears how far it is."""

    def checked(self, size_bytes: int) -> None:
        """So many more bytes of the input were checked."""

    def planned(self, messages: int) -> None:
        """The check is over: so many messages will be sent."""

    def sent(self, messages: int) -> None:
        """The broker has so many messages by now."""


@dataclass(frozen=True, slots=True)
class Published:
    """What became of an input."""

    published: int
    skipped: int


def publish(
    source: IO[bytes],
    settings: Settings,
    *,
    skip_bad: bool,
    on_bad_line: Callable[[BadLine], None],
    progress: Progress,
) -> Published:
    """Check the input, then send each event to the topic of its type, under its key.

    `source` stands at its beginning and can be read twice. With bad lines nothing is sent, unless `skip_bad`.
    Raises Failure with bad lines, and where the broker does not take it all.
    """
    producer = _producer(settings, INPUT_TOPICS, progress)
    with Plan() as plan:
        for bad_line in plan.check(lines(source, progress.checked)):
            on_bad_line(bad_line)
        if plan.bad and not skip_bad:
            raise Failure(
                f"Nothing was published: {plan.bad:,} of {plan.bad + plan.good:,} lines are bad; "
                "--skip-bad publishes the others"
            )
        progress.planned(plan.good)
        source.seek(0)
        with producer:
            for line, target in zip(lines(source, _nobody), plan.targets(), strict=True):
                if target is not None:
                    producer.send(settings.topic(target.topic), target.key, line.value)
        return Published(producer.acknowledged, plan.bad)


def publish_unchecked(source: IO[bytes], settings: Settings, topic: str, *, progress: Progress) -> Published:
    """Send each line as it is, without a key, to one topic.

    Raises Failure where the broker does not take it.
    """
    producer = _producer(settings, (topic,), progress)
    progress.planned(sum(1 for _ in _sendable(lines(source, progress.checked))))
    source.seek(0)
    with producer:
        for line in lines(source, _nobody):
            producer.send(settings.topic(topic), None, line.value)
    return Published(producer.acknowledged, 0)


def _producer(settings: Settings, topics: tuple[str, ...], progress: Progress) -> LineProducer:
    producer = LineProducer(kafka_of(settings), on_acknowledged=progress.sent)
    producer.require_topics([settings.topic(topic) for topic in topics])
    return producer


def _sendable(all_lines: Iterator[Line]) -> Iterator[Line]:
    for line in all_lines:
        if not line.whole:
            raise Failure(f"Nothing was published: line {line.number} is longer than Kafka takes (16 MB)")
        yield line


def _nobody(size_bytes: int) -> None:
    """The second pass is counted in messages."""
