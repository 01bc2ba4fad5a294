"""Which expiring notices were sent: one a token, threshold and term's end."""

from collections.abc import Sequence
from typing import Any

Notice = tuple[str, int, int]
"""Serial, the term's end (microseconds), days left."""


async def send_once(connection: Any, notices: Sequence[Notice]) -> list[Notice]:
    """Note notices as sent; gives those that had not been. The caller holds the tokens' locks."""
    if not notices:
        return []
    rows = await connection.fetch(
        """
        insert into notices (token_serial, expires_at, days_left)
        select * from unnest($1::text[], $2::timestamptz[], $3::smallint[])
        on conflict do nothing returning token_serial, expires_at, days_left
        """,
        *map(list, zip(*notices, strict=True)),
    )
    return [(row[0], row[1], row[2]) for row in rows]
