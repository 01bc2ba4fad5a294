"""The index of the journal: which events it holds, and which of them were taken back."""

from collections.abc import Sequence
from typing import Any

from projections.recorder import copying
from projections.recorder.draft import Draft
from projections.recorder.failures import RaceLost

_COLUMNS = ("identity", "content", "segment", "position", "retracted_at")


async def remember(connection: Any, draft: Draft) -> None:
    """Write a batch's identities, and what it says of others.

    A row that another worker changed since the probe raises `RaceLost`; one that it made, a unique violation.
    """
    made, arrived, earlier = draft.identities()
    await copying.copy(connection, "events", _COLUMNS, made)
    if arrived:
        await _settle(
            connection,
            """
            update events set content = batch.content, segment = batch.segment, position = batch.position,
                retracted_at = least(events.retracted_at, batch.retracted_at)
            from unnest($1::bytea[], $2::bytea[], $3::bigint[], $4::integer[], $5::timestamptz[])
                as batch (identity, content, segment, position, retracted_at)
            where events.identity = batch.identity and events.content is null
              and events.retracted_at >= batch.retracted_at
            returning 1
            """,
            arrived,
        )
    if earlier:
        await _settle(
            connection,
            """
            update events set retracted_at = least(events.retracted_at, batch.retracted_at)
            from unnest($1::bytea[], $2::timestamptz[], $3::bytea[]) as batch (identity, retracted_at, content)
            where events.identity = batch.identity and events.content is not distinct from batch.content
            returning 1
            """,
            earlier,
        )


async def _settle(connection: Any, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    if len(await connection.fetch(statement, *map(list, zip(*rows, strict=True)))) != len(rows):
        raise RaceLost
