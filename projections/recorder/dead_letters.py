"""What could not be taken in, kept whole, with the reason."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec
import structlog

from lifecycle import metrics
from lifecycle.recording import Message
from projections.dead_letters.letter import LETTER_RULES
from schemas.rules import Invalid

_encode = msgspec.msgpack.Encoder().encode
logger = structlog.get_logger()
MILLISECOND = 1_000
EARLIEST, LATEST = -62_135_596_800_000_000, 253_402_300_799_999_999
"""The years 1 to 9999 in microseconds: all that can be read back. Kafka takes any number as a time."""


for _rule in LETTER_RULES:
    metrics.DEAD_LETTERS.labels(_rule)  # from 0 on: an alert on the increase would miss the first one


async def bury(connection: Any, letters: Sequence[tuple[Message, Invalid]]) -> None:
    """Store dead letters with the bytes, key and headers as they came."""
    await connection.copy_records_to_table(
        "dead_letters",
        columns=(
            *("rule", "pointer", "message", "source", "event_id"),
            *("topic", "partition", "offset", "key", "value", "headers", "published_at"),
        ),
        records=[
            (
                *(invalid.rule, *map(_text, (invalid.pointer, invalid.message, invalid.source, invalid.id))),
                *(message.topic, message.partition, message.offset, message.key, message.value),
                *(_encode(message.headers), min(max(EARLIEST, message.timestamp * MILLISECOND), LATEST)),
            )
            for message, invalid in letters
        ],
    )


def tell(letters: Sequence[tuple[Message, Invalid]]) -> None:
    """Have the metric and the log say what was buried, once that is committed."""
    rules = Counter(invalid.rule for _, invalid in letters)
    for rule, count in rules.items():
        metrics.DEAD_LETTERS.labels(rule).inc(count)
    if rules:
        logger.warning(
            "dead letters", count=rules.total(), rules=dict(rules), remedy="see `tokens dead-letters`"
        )


def _text(value: str | None) -> str | None:
    """What Postgres can hold of a text that was refused, perhaps for the very thing that Postgres cannot hold."""
    if value is None:
        return None
    return value.replace("\0", "\N{SYMBOL FOR NULL}").encode("utf-8", "replace").decode("utf-8")
