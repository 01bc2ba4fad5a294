"""Local dates in SQL, from the same pinned time-zone data as those in Python.

Postgres has time-zone data of its own, which may be of another version. So the table `local_offsets` holds how far
local clocks are ahead of UTC, from which instant on, by the newest version of the fold.
"""

from datetime import timedelta
from functools import lru_cache
from typing import Any

from lifecycle.calendar import Calendar
from schemas.instants import parse_instant

# Events are of the years 2000 to 2099, and a term lasts 99 years at most.
FIRST = parse_instant("1999-12-01T00:00:00Z")
LAST = parse_instant("2201-01-01T00:00:00Z")

Offset = tuple[int, timedelta]


def local_date_sql(instant: str) -> str:
    """The local date of an instant (an SQL expression); null before the first year of events."""
    return (
        f"(select (({instant}) at time zone 'UTC' + local.ahead)::date from local_offsets as local "
        f"where local.from_at <= ({instant}) order by local.from_at desc limit 1)"
    )


@lru_cache(maxsize=8)
def offsets_of(zone: str) -> tuple[Offset, ...]:
    """The offsets of an IANA zone, each from an instant (microseconds) on."""
    return tuple((at, timedelta(microseconds=ahead)) for at, ahead in Calendar(zone).offsets(FIRST, LAST))


async def keep_local_offsets(connection: Any, calendar: Calendar, fold_version: int) -> None:
    """Have the table hold the zone's offsets, if that version of the fold is the newest.

    The connection's instants are microseconds.
    """
    if await _kept_version(connection) == fold_version:
        return
    async with connection.transaction():
        await connection.execute("lock table local_offsets in share row exclusive mode")
        newest = await connection.fetchval(
            "select fold_version from fold_versions order by registered desc limit 1"
        )
        if newest == fold_version and await _kept_version(connection) != fold_version:
            await connection.execute("delete from local_offsets")
            await connection.copy_records_to_table(
                "local_offsets",
                records=[(at, ahead, fold_version) for at, ahead in offsets_of(calendar.zone_name)],
                columns=("from_at", "ahead", "fold_version"),
            )


async def _kept_version(connection: Any) -> int | None:
    version: int | None = await connection.fetchval("select fold_version from local_offsets limit 1")
    return version
