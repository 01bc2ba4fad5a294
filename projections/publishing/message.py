"""A message on its way to the broker, and where it lies there."""

from dataclasses import dataclass
from typing import NamedTuple

from schemas.headers import Headers


class MessagePlace(NamedTuple):
    """Where a message lies on the broker; the topic's name includes the prefix."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}/{self.offset}"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to publish; `topic` includes the prefix."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers


class NotPublished(Exception):
    """The broker took nothing of what was to be published."""
