"""The recorder's connection: instants pass as plain microseconds, without a `datetime` in between."""

from typing import Any

import asyncpg

POSTGRES_EPOCH = 946_684_800_000_000
"""2000-01-01T00:00:00Z in microseconds since 1970: where Postgres counts from."""


async def connect(database_url: str, application_name: str) -> Any:
    """A connection whose `timestamptz` values are `int` microseconds since 1970."""
    connection = await asyncpg.connect(
        database_url,
        timeout=10,
        server_settings={
            "application_name": application_name,
            "timezone": "UTC",
            "jit": "off",
            # All that the recorder reads it finds by key. A plan made while a table was still small would
            # otherwise go on reading the whole of it until it is next analyzed.
            "enable_seqscan": "off",
            "enable_hashjoin": "off",
            "enable_mergejoin": "off",
            "plan_cache_mode": "force_generic_plan",
        },
    )
    try:
        await count_in_microseconds(connection)
    except BaseException:  # also when told to stop: nobody else has it yet
        connection.terminate()
        raise
    return connection


async def count_in_microseconds(connection: Any) -> None:
    """Have a connection's `timestamptz` values be `int` microseconds since 1970."""
    await connection.set_type_codec(
        "timestamptz",
        schema="pg_catalog",
        encoder=lambda instant: (instant - POSTGRES_EPOCH,),
        decoder=lambda packed: packed[0] + POSTGRES_EPOCH,
        format="tuple",
    )
