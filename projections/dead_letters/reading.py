"""Dead letters as Postgres holds them."""

from typing import TYPE_CHECKING

from projections.dead_letters.letter import Letter, RecordedFirst, State, WholeLetter
from projections.dead_letters.message import origin_of, unpack_headers
from projections.dead_letters.refusals import UnknownLetter
from projections.publishing.message import MessagePlace
from projections.recorder import journal
from schemas.envelope import event_identity

if TYPE_CHECKING:
    import asyncpg

    from projections.query.database import Reader

# Headers can be as long as a message; in a list, longer ones are not looked into for where a message came from.
LISTED_HEADERS_BYTES = 65_536

_COLUMNS = """
    dead_letter, rule, pointer, message, source, event_id, topic, partition, "offset",
    (extract(epoch from published_at) * 1000000)::bigint as published_us,
    (extract(epoch from recorded_at) * 1000000)::bigint as recorded_us,
    octet_length(value) as value_bytes,
    state, (extract(epoch from settled_at) * 1000000)::bigint as settled_us, reason, edited,
    requeued_topic, requeued_partition, requeued_offset
"""
LISTED = f"{_COLUMNS}, case when octet_length(headers) <= {LISTED_HEADERS_BYTES} then headers end as headers"
WHOLE = f"{_COLUMNS}, headers, key, value"


def letter_of(row: "asyncpg.Record") -> Letter:
    """The letter of a row of `LISTED` or `WHOLE`."""
    return Letter(
        dead_letter=row["dead_letter"],
        rule=row["rule"],
        pointer=row["pointer"],
        message=row["message"],
        source=row["source"],
        id=row["event_id"],
        place=MessagePlace(row["topic"], row["partition"], row["offset"]),
        published_at=row["published_us"],
        recorded_at=row["recorded_us"],
        value_bytes=row["value_bytes"],
        requeued_from=None if row["headers"] is None else origin_of(unpack_headers(row["headers"])),
        state=State(row["state"]),
        settled_at=row["settled_us"],
        reason=row["reason"],
        edited=row["edited"],
        requeued_to=None
        if row["requeued_topic"] is None
        else MessagePlace(row["requeued_topic"], row["requeued_partition"], row["requeued_offset"]),
    )


def message_of(row: "asyncpg.Record") -> WholeLetter:
    """The letter of a row of `WHOLE` with its message alone."""
    headers = unpack_headers(row["headers"])
    return WholeLetter(letter_of(row), row["key"], row["value"], headers, None, None)


async def read_letter(connection: "Reader", number: int) -> WholeLetter:
    """The letter with all that is known of it. Raises `UnknownLetter`."""
    row = await connection.fetchrow(f"select {WHOLE} from dead_letters where dead_letter = $1", number)
    if row is None:
        raise UnknownLetter(number)
    whole = message_of(row)
    return WholeLetter(
        whole.letter,
        whole.key,
        whole.value,
        whole.headers,
        await _recorded(connection, whole.letter),
        await _failed_again_as(connection, whole.letter),
    )


async def _recorded(connection: "Reader", letter: Letter) -> RecordedFirst | None:
    if letter.source is None or letter.id is None:
        return None
    known = await journal.probe(connection, [event_identity(letter.source, letter.id)])
    for each in known.values():
        if each.segment is not None and each.position is not None:
            message, _ = await journal.read_back(connection, each.segment, each.position)
            at = await connection.fetchval(
                "select (extract(epoch from recorded_at) * 1000000)::bigint from segments where segment = $1",
                each.segment,
            )
            return RecordedFirst(MessagePlace(message.topic, message.partition, message.offset), at)
    return None


async def _failed_again_as(connection: "Reader", letter: Letter) -> int | None:
    if letter.requeued_to is None:
        return None
    number: int | None = await connection.fetchval(
        """
        select max(dead_letter) from dead_letters
        where topic = $1 and partition = $2 and "offset" = $3 and dead_letter > $4
        """,
        *letter.requeued_to,
        letter.dead_letter,
    )
    return number
