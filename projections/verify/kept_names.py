"""What lists look up by name: each owner and place that a row or an earlier span has is to be kept."""

from typing import Any

from projections.verify.differences import ABSENT, Differences

_OWNERS = """
select org_id, org_name, min(token_serial) from (
    select org_id, org_name, token_serial from tokens union all select org_id, org_name, token_serial from spans
) as owner
where org_id is not null and not exists (
    select from owners
    where owners.org_id = owner.org_id and owners.org_name is not distinct from owner.org_name)
group by 1, 2 order by 1, 2
"""
_PLACES = """
select station_serial, station_name, evse_id, min(token_serial) from (
    select station_serial, station_name, evse_id, token_serial from tokens
    union all select station_serial, station_name, evse_id, token_serial from spans
) as place
where station_serial is not null and (station_name is not null or evse_id is not null) and not exists (
    select from known_places as known
    where known.place = hashed_place(place.station_serial, place.station_name, place.evse_id)
        and known.station_serial = place.station_serial
        and known.station_name is not distinct from place.station_name
        and known.evse_id is not distinct from place.evse_id)
group by 1, 2, 3 order by 1, 2, 3
"""
_NOT_SEARCHED = """
select station_serial, station_name, evse_id from known_places
except
select place.* from places, unnest(station_serials, station_names, evse_ids) as place
order by 1, 2, 3
"""


async def note_names_not_kept(connection: Any, differences: Differences) -> None:
    """Compare all rows, which are what the journal says, with what is kept of them. What is kept of no row is no
    difference."""
    async for org_id, name, serial in connection.cursor(_OWNERS):
        differences.note(f"owner {org_id}", f"name {name!r}", ABSENT, f"token {serial} has it")
    async for station, name, evse_id, serial in connection.cursor(_PLACES):
        differences.note(f"station {station}", _place(name, evse_id), ABSENT, f"token {serial} has it")
    async for station, name, evse_id in connection.cursor(_NOT_SEARCHED):
        differences.note(f"station {station}, searched", _place(name, evse_id), ABSENT, "it is kept")


def _place(station_name: str | None, evse_id: str | None) -> str:
    return f"place {station_name!r}, {evse_id!r}"
