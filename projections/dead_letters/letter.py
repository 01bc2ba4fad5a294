"""What is known of a dead letter, and how the API and `tokens dead-letters --json` show it."""

import base64
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from projections.publishing.message import MessagePlace
from schemas.headers import Headers
from schemas.instants import format_instant
from schemas.rules import RULES

LETTER_RULES = (*RULES, "other_content", "unrecordable")
"""Every reason for which a message becomes a dead letter: the rules of messages, and what the recorder adds."""


class State(StrEnum):
    """What became of a letter."""

    OPEN = "open"
    REQUEUED = "requeued"
    DISCARDED = "discarded"


class Origin(NamedTuple):
    """The letter that a message was before it was requeued, and where that one came from."""

    dead_letter: int
    place: MessagePlace


class RecordedFirst(NamedTuple):
    """The event of the same source and id that the journal holds. `at`: when it was recorded (microseconds)."""

    place: MessagePlace
    at: int


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead letter without its bytes. Instants are microseconds; `value_bytes` is None where it has no value."""

    dead_letter: int
    rule: str
    pointer: str
    message: str
    source: str | None
    id: str | None
    place: MessagePlace
    published_at: int
    recorded_at: int
    value_bytes: int | None
    requeued_from: Origin | None
    state: State
    settled_at: int | None
    reason: str | None
    edited: bool
    requeued_to: MessagePlace | None

    def as_json(self) -> dict[str, object]:
        """An object of plain values; instants in RFC 3339."""
        origin = self.requeued_from
        return {
            "dead_letter": self.dead_letter,
            "rule": self.rule,
            "pointer": self.pointer,
            "message": self.message,
            "source": self.source,
            "id": self.id,
            **self.place._asdict(),
            "published_at": format_instant(self.published_at),
            "recorded_at": format_instant(self.recorded_at),
            "value_bytes": self.value_bytes,
            "requeued_from": None
            if origin is None
            else {"dead_letter": origin.dead_letter, **origin.place._asdict()},
            "state": self.state.value,
            "settled_at": None if self.settled_at is None else format_instant(self.settled_at),
            "reason": self.reason,
            "edited": self.edited,
            "requeued_to": None if self.requeued_to is None else self.requeued_to._asdict(),
        }


@dataclass(frozen=True, slots=True)
class WholeLetter:
    """A dead letter with its message as it came, and what else is known of the event that it was to be.

    `recorded` is the event of the same source and id that stands in the journal, `failed_again_as` the letter
    that came of requeuing this one.
    """

    letter: Letter
    key: bytes | None
    value: bytes | None
    headers: Headers
    recorded: RecordedFirst | None
    failed_again_as: int | None

    def as_json(self) -> dict[str, object]:
        """An object of plain values; bytes as `{"text": ...}`, or `{"base64": ...}` where they are no UTF-8."""
        recorded = self.recorded
        return {
            **self.letter.as_json(),
            "recorded": None
            if recorded is None
            else {**recorded.place._asdict(), "recorded_at": format_instant(recorded.at)},
            "failed_again_as": self.failed_again_as,
            "key": readable(self.key),
            "headers": [{"name": name, "value": readable(value)} for name, value in self.headers],
            "value": readable(self.value),
        }


def readable(content: bytes | None) -> dict[str, str] | None:
    """Bytes as JSON can hold them."""
    if content is None:
        return None
    try:
        return {"text": content.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(content).decode()}
