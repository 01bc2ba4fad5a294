"""What could not be taken in, kept whole, with the reason."""

from collections.abc import Sequence
from typing import Any

import msgspec

from lifecycle.recording import Message
from schemas.rules import Invalid

_encode = msgspec.msgpack.Encoder().encode
MILLISECOND = 1_000
EARLIEST, LATEST = -62_135_596_800_000_000, 253_402_300_799_999_999
"""The years 1 to 9999 in microseconds: all that can be read back. Kafka takes any number as a time."""


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


def _text(value: str | None) -> str | None:
    """What Postgres can hold of a text that was refused, perhaps for the very thing that Postgres cannot hold."""
    if value is None:
        return None
    return value.replace("\0", "\N{SYMBOL FOR NULL}").encode("utf-8", "replace").decode("utf-8")
