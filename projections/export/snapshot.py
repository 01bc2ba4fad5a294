"""The rows of an export: one COPY, hence one snapshot, however long it takes."""

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, Literal

from projections.query.builder import Statement

if TYPE_CHECKING:
    from projections.query.database import Reader

Write = Callable[[bytes], Coroutine[Any, Any, None]]


class ExportCutOff(Exception):
    """The export ended without anybody saying that it was whole."""


async def copy_rows(
    connection: "Reader",
    statement: Statement,
    take: Write,
    *,
    format: Literal["csv", "text"],  # noqa: A002 - as COPY calls it
    null: str = "",
) -> int:
    """Give all rows to `take`, in order, as it takes them; how many they were.

    Each piece that `take` gets is whole rows: Postgres sends each row as one CopyData message, as the protocol's
    documentation promises, and asyncpg hands out whole messages. What `take` raises goes on to the caller; after
    that the connection is closed. Raises `ExportCutOff`.
    """
    # A slow reader makes a slow statement: an export has no time of its own to be done in.
    await connection.execute(
        "begin transaction isolation level repeatable read, read only; set local statement_timeout = 0"
    )
    try:
        status = await connection.copy_from_query(
            statement.sql, *statement.arguments, output=take, format=format, null=null
        )
    except BaseException:
        # Not rolled back: where `take` fails on the last piece, asyncpg waits for ever for the end of a statement
        # that has ended.
        connection.terminate()
        raise
    await connection.execute("commit")
    if not status.startswith("COPY "):
        raise ExportCutOff(f"Postgres ended the export with {status!r}")
    return int(status.removeprefix("COPY "))
