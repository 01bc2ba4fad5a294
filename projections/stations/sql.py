"""The list of stations in SQL: the view `stations`, and the function `stations_at(as_of)` that the API reads.

A station is a row of `station_starts` (internal), found by its key, so that a page in the order of serials looks at
the stations of that page alone. What its cells say is looked up per station, in the tokens on it, found by
an index; each cell that is dear stands by itself, so that it is made only where it is asked for.
"""

from lifecycle.coverage import Coverage
from projections.local_dates import local_date_sql
from projections.stations.columns import STATION_COLUMNS

DROP = """
drop function if exists stations_at(timestamptz);
drop view if exists stations;
drop view if exists station_starts;
"""

STARTS = (
    "create view station_starts as select key as station_serial, started_at from subjects where kind = 3;"
)

_LAST_ENDING_FIRST = "expired_at desc nulls first, token_serial"


def stations_sql(as_of: str) -> str:
    """The query, at an instant (an SQL expression)."""
    # A token that was returned before it came to the station was never there.
    ever = f"""from token_periods where station_serial = station.station_serial and starts_at <= {as_of}
        and (gone_at is null or gone_at > starts_at)"""
    here = f"""(ends_at is null or ends_at > {as_of}) and new_at <= {as_of}
        and (gone_at is null or gone_at > {as_of})"""
    unexpired = f"(expired_at is null or expired_at > {as_of})"
    active = f"(active_at <= {as_of} and {unexpired})"
    has_started = f"station.started_at <= {as_of}"
    owner_first = """is_active desc, case when is_active then coalesce(expired_at, 'infinity') end desc,
            is_here desc, case when is_here and not is_active then applied_date end desc,
            case when not is_here then left_at end desc, token_serial"""
    cells = {
        "station_serial": "station.station_serial",
        # A token's name for the station is as new as the first span that has it: another owner makes it no newer.
        "station_name": f"""(select station_name
        from (select station_name, min(starts_at) as since {ever} and station_name is not null
              group by token_serial, station_name) as named
        order by since desc, station_name limit 1)""",
        "org_id": "tokens.org_id",
        "org_name": "tokens.org_name",
        "coverage": f"""case when tokens.cover then '{Coverage.COVERED}'
        when {has_started} then '{Coverage.GAP}'
        when tokens.wait then '{Coverage.WAITING}' else '{Coverage.UNUSED}' end""",
        "started_on": f"case when {has_started} then {local_date_sql('station.started_at')} end",
        "covered_until": f"""case when not tokens.wait then tokens.active_until when tokens.cover then (
        select case when bool_and(expired_at is not null) then max(expiration_date) end
        from ({_unbroken(f"{ever} and {here}", unexpired, as_of)}) as unbroken where breaks = 0) end""",
        "active_token": "tokens.active[1]",
        "queued_tokens": "coalesce(tokens.queued, '{}')",
        "gap_since": f"""case when tokens.cover is not true and {has_started}
        then {local_date_sql("greatest(station.started_at, tokens.cover_ended)")} end""",
        "overlapping_tokens": f"""case when cardinality(tokens.active) > 1 then coalesce((
        {_overlapping(f"{ever} and {here}", active)}), '{{}}') else '{{}}' end""",
        "active_tokens": "coalesce(tokens.active, '{}')",
    }
    selected = ",\n    ".join(f"{cells[column.key]} as {column.key}" for column in STATION_COLUMNS)
    return f"""
select
    {selected}
from station_starts as station
left join lateral (
    select
        bool_or(is_active) as cover,
        bool_or(is_queued) as wait,
        case when bool_and(expired_at is not null) filter (where is_active)
            then max(expiration_date) filter (where is_active) end as active_until,
        max(ended_at) filter (where greatest(starts_at, active_at) < ended_at and active_at <= {as_of})
            as cover_ended,
        array_agg(token_serial order by {_LAST_ENDING_FIRST}) filter (where is_active) as active,
        array_agg(token_serial order by active_at, applied_date, token_serial) filter (where is_queued) as queued,
        (array_agg(org_id order by {owner_first}))[1] as org_id,
        (array_agg(org_name order by {owner_first}))[1] as org_name
    from (
        select token_serial, org_id, org_name, applied_date, starts_at, active_at, expired_at, expiration_date,
            ({here}) as is_here,
            ({here} and {active}) is true as is_active,
            ({here} and (active_at is null or active_at > {as_of})) is true as is_queued,
            least(ends_at, gone_at) as left_at,
            least(ends_at, expired_at, gone_at) as ended_at
        {ever}
    ) as placed
) as tokens on true
where {has_started} or exists (select {ever})
""".strip()


def _unbroken(here: str, unexpired: str, as_of: str) -> str:
    """The terms on a station, in order; up to the first break `breaks` is 0.

    A break is a term that starts when all before it have ended. A queued token counts where it will start on this
    station: one that is known to start elsewhere covers nothing here.
    """
    starts_here = """(ends_at is null or ends_at > active_at or exists (
                select from token_periods as later
                where later.token_serial = token_periods.token_serial
                  and later.station_serial = token_periods.station_serial
                  and later.starts_at <= token_periods.active_at
                  and (later.ends_at is null or later.ends_at > token_periods.active_at)))"""
    return f"""
        select expired_at, expiration_date,
            count(*) filter (where active_at > reached) over (order by active_at, token_serial) as breaks
        from (
            select token_serial, active_at, expired_at, expiration_date, coalesce(
                max(coalesce(expired_at, 'infinity')) over (
                    order by active_at, token_serial rows between unbounded preceding and 1 preceding),
                {as_of}) as reached
            {here}
            and active_at is not null and {unexpired} and {starts_here}) as terms"""


def _overlapping(here: str, active: str) -> str:
    """Active tokens beside one that ends later: `place` counts those of the same EVSE, or of the whole station."""
    order = f"order by {_LAST_ENDING_FIRST}"
    return f"""select array_agg(token_serial {order}) from (
            select token_serial, expired_at, evse_id,
                row_number() over ({order}) as of_station,
                row_number() over (partition by evse_id {order}) as of_evse,
                count(*) filter (where evse_id is null) over ({order}) as whole
            {here} and {active}) as active
        where case when evse_id is null then of_station > 1 else of_evse > 1 or whole > 0 end"""
