"""The names of owners, stations and ports, which lists look up: kept in the transaction that writes rows."""

from collections.abc import Sequence
from typing import Any

from projections.recorder.draft import Draft

_MISSING_DOCUMENTS = """
with searched as (
    select hashed_place(station_serial, station_name, evse_id) as place
    from places, unnest(station_serials, station_names, evse_ids) as place (station_serial, station_name, evse_id)
), missing as (
    select *, row_number() over (order by station_serial) / 64 as document from known_places
    where not exists (select from searched where searched.place = known_places.place)
)
insert into places
select array_agg(station_serial), array_agg(station_name), array_agg(evse_id) from missing group by document
"""


async def keep(connection: Any, draft: Draft) -> None:
    """Keep what a draft names and what was not seen stored. No lock is needed: what two writers bring at once stands
    there twice."""
    columns = draft.owners_and_places()
    if any(columns):
        await store(connection, columns)


async def store(connection: Any, columns: Sequence[Sequence[str | None]]) -> None:
    """Store what is missing of owners (org_id, org_name) and places (station_serial, station_name, evse_id)."""
    await connection.execute(
        "select keep_owners_and_places($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])", *columns
    )


async def mend(connection: Any) -> None:
    """Have all places that are kept searched, too, and forget those that were forged: rows that are folded anew bring
    what is missing then."""
    async with connection.transaction():
        # All places are read: the recorder's own way, row by row, would take days.
        await connection.execute("set local enable_seqscan = on; set local enable_hashjoin = on")
        await connection.execute(
            "delete from known_places where place <> hashed_place(station_serial, station_name, evse_id)"
        )
        await connection.execute(_MISSING_DOCUMENTS)
