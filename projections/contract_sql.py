"""The SQL that reporting jobs read, rendered from the declarations of columns and stages.

`token_periods` (internal) has a row for each token and span; `service_tokens_at(as_of)` picks the ones that
hold at an instant, and `service_tokens` is the same at now(). `stations` and `orders` come as such pairs too. The
API reads the functions as well, so that a reporting job, a page and an export cannot disagree.

Postgres sees through all of it: filters and sort orders reach the tables' indexes. That asks for a plain
SQL function without settings of its own; for a first arm of the union without a condition; and for a
function that returns rows of the view, whose columns keep the tables' collation, which a `returns table`
would lose.
"""

from collections.abc import Callable

from lifecycle.stages import STAGES
from projections.columns import COLUMNS
from projections.listing import ColumnType
from projections.orders.sql import DROP as DROP_ORDERS
from projections.orders.sql import orders_sql
from projections.stations.sql import DROP as DROP_STATIONS
from projections.stations.sql import STARTS, stations_sql

READER = "tokens_reader"
"""The role that may read the contract and nothing else."""

_ROLE = f"""
do $$
begin
    if not exists (select from pg_roles where rolname = '{READER}') then
        create role {READER} nologin;
    end if;
exception
    -- Another database of the same server may be migrating at this moment.
    when duplicate_object or unique_violation then null;
    when insufficient_privilege then
        raise insufficient_privilege using
            message = format('the role {READER} is missing, and %s may not create it', current_user),
            hint = 'Have an administrator run: create role {READER} nologin;';
end $$;
"""

_DROP = """
drop function if exists service_tokens_at(timestamptz);
drop view if exists service_tokens;
drop view if exists token_periods;
"""

# What the functions read, which run with the rights of the one who asks; the tables' facts stay out of reach.
_INTERNAL = "token_periods, station_starts, order_lines, shipment_lines, local_offsets"

_GRANTS = f"""
revoke all on {_INTERNAL}, service_tokens, stations, orders from public;
revoke all on function service_tokens_at(timestamptz), stations_at(timestamptz), orders_at(timestamptz) from public;
grant select on {_INTERNAL}, service_tokens, stations, orders to {READER};
grant execute on function service_tokens_at(timestamptz), stations_at(timestamptz), orders_at(timestamptz)
    to {READER};
do $$ begin execute format('grant usage on schema %I to {READER}', current_schema()); end $$;
"""


def render_contract_sql() -> str:
    """The script that makes the contract anew, over the tables of the migrations, in the current schema.

    It may run again at any time, in one transaction: it drops what an earlier run made. It fails, and then
    changes nothing, where views of somebody else stand on the contract.
    """
    parts = [
        *(_ROLE, DROP_ORDERS, DROP_STATIONS, _DROP, _periods(), STARTS),
        *_pair("service_tokens", _report_at),
        *_pair("stations", stations_sql),
        *_pair("orders", orders_sql),
        *(_GRANTS, ""),
    ]
    return "\n".join(part.strip() for part in parts)


def _periods() -> str:
    stored = [column for column in COLUMNS if column.type is not ColumnType.STATUS]
    stages = [stage.column for stage in STAGES]
    last = [column.key for column in stored] + stages
    earlier = [f"{'span' if column.from_span else 'token'}.{column.key}" for column in stored]
    earlier += [f"token.{stage}" for stage in stages]
    return f"""
create view token_periods as
select {", ".join(last)}, span_starts_at as starts_at, null::timestamptz as ends_at
from tokens
union all
select {", ".join(earlier)}, span.starts_at, span.ends_at
from spans as span join tokens as token using (token_serial);
""".strip()


def _pair(name: str, query: Callable[[str], str]) -> tuple[str, str]:
    """The view at now(), and the function at any instant."""
    view = f"create view {name} as\n{query('now()')};"
    function = f"""
create function {name}_at(as_of timestamptz) returns setof {name}
language sql stable parallel safe begin atomic
{query("as_of")};
end;
"""
    return view, function


def _report_at(as_of: str) -> str:
    """The report at an instant (an SQL expression): each token in it then, with the span that holds."""
    cells = ",\n    ".join(f"{column.sql.format(as_of=as_of)} as {column.key}" for column in COLUMNS)
    left = [
        f"({stage.column} is null or {stage.column} > {as_of})" for stage in STAGES if stage.status is None
    ]
    present = " and ".join([f"{STAGES[0].column} <= {as_of}", *left])
    holds = f"starts_at <= {as_of} and (ends_at is null or ends_at > {as_of})"
    return f"select\n    {cells}\nfrom token_periods\nwhere {present} and {holds}"
