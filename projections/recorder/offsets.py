"""How far each partition was read. A place moves only in the transaction that stores what was read."""

from collections.abc import Mapping, Sequence
from typing import Any

from lifecycle.recording import Advance, OffsetsMoved, Partition, TopicMadeAnew


async def places(
    connection: Any, beginnings: Mapping[Partition, int], topic_ids: Mapping[str, str]
) -> dict[Partition, int]:
    """The next offset of each partition, after a row was made for those that had none."""
    partitions = sorted(beginnings)
    async with connection.transaction():
        await connection.execute(
            """
            insert into offsets (topic, partition, topic_id, next_offset)
            select * from unnest($1::text[], $2::integer[], $3::text[], $4::bigint[])
            on conflict do nothing
            """,
            [each.topic for each in partitions],
            [each.partition for each in partitions],
            [topic_ids[each.topic] for each in partitions],
            [beginnings[each] for each in partitions],
        )
        # A statement of its own: the one above does not see a row that another worker made while it waited.
        rows = await connection.fetch(
            "select topic, partition, topic_id, next_offset from offsets where topic = any($1::text[])",
            sorted({each.topic for each in partitions}),
        )
        for topic, _, topic_id, _ in rows:
            if topic_id != topic_ids[topic]:
                raise TopicMadeAnew(topic, topic_id, topic_ids[topic])
    found = {Partition(topic, partition): next_offset for topic, partition, _, next_offset in rows}
    return {each: found[each] for each in partitions}


async def advance(connection: Any, advances: Sequence[Advance]) -> None:
    """Move places from what is expected to what comes next; `OffsetsMoved` where one is elsewhere by now."""
    moved = await connection.fetch(
        """
        update offsets set next_offset = batch.next_offset
        from unnest($1::text[], $2::integer[], $3::bigint[], $4::bigint[])
            as batch (topic, partition, expected, next_offset)
        where offsets.topic = batch.topic and offsets.partition = batch.partition
          and offsets.next_offset = batch.expected
        returning 1
        """,
        [each.topic for each in advances],
        [each.partition for each in advances],
        [each.expected for each in advances],
        [each.next for each in advances],
    )
    if len(moved) != len(advances):
        raise OffsetsMoved("another worker has advanced a partition of this batch")
