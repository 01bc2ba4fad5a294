"""Who may write what: advisory locks on buckets of subjects, then on buckets of tokens, always ascending.

Two events of one token meet at the token's bucket, two of a line, shipment or station at that subject's. Taken
in one order by every writer, they cannot deadlock; held to the end of the transaction, what is read under them
stays true until it is written back.
"""

import zlib
from collections.abc import Iterable
from typing import Any

SUBJECTS = 7_101
TOKENS = 7_102
BUCKETS = 256


async def take(connection: Any, lock_class: int, keys: Iterable[str]) -> None:
    """Wait for the buckets of these keys. What was read before is stale afterwards."""
    buckets = sorted({zlib.crc32(key.encode()) % BUCKETS for key in keys})
    if buckets:
        await connection.execute(
            "select pg_advisory_xact_lock($1, bucket) from unnest($2::integer[]) as bucket",
            lock_class,
            buckets,
        )


async def take_all(connection: Any, lock_class: int) -> None:
    """Wait for every bucket: afterwards, whoever held one before has committed."""
    await connection.execute(
        "select pg_advisory_xact_lock($1, bucket) from generate_series(0, $2 - 1) as bucket",
        lock_class,
        BUCKETS,
    )
