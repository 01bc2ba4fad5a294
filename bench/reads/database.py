"""A large report to read from: orders, lines, tokens, stations and transfers, as the recorder leaves them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bench.filled_database import filled_database
from tokens.embedded.postgres import EmbeddedPostgres

ORGANIZATIONS = 1_000
LARGEST = 100_000
"""Tokens of the largest organization, of a report of at least ten times as many."""

_MEAN_SIZE = 80

# Lines of 1 to 500 tokens, most of them small. Serials are given out in blocks, whose order is not that in which the
# lines were ordered: pages by serial are not pages of the table.
_LINES = f"""
create table made_lines as
with sized as (
    select n, floor(exp(random() * ln(500)))::int as size, random() as dice,
        1 + width_bucket(random(), $2::float8[]) as organization
    from generate_series(1, $1 / {_MEAN_SIZE} * 2) as n),
placed as (select *, sum(size) over (order by n) - size as before from sized),
cut as (select *, least(size, $1 - before)::int as tokens from placed where before < $1)
select n, tokens, organization, 1 + floor(dice * 5)::int as years, n / 2 as sales_order,
    current_date - 2600 + (2600 * before / $1)::int as ordered,
    (sum(tokens) over (order by hashint8(n), n) - tokens)::bigint as first,
    (array['Commercial', 'Commercial', 'Commercial', 'Multifamily', 'Assure', 'Fleet'])[1 + n % 6] as plan,
    (array['Northern', 'Harbor', 'Müller & Söhne', 'Réseau', 'Grand'])[1 + organization % 5] as name
from cut
"""

_LINE_CELLS = """
    'SVC-' || upper(left(plan, 3)) || '-' || years || 'Y' as part_number, plan as cloud_plan,
    case when n % 3 = 0 then plan || ', ' || years || ' years: site ' || n % 977 end as description,
    years as term_years, (array['Subscription', 'Renewal', 'Trial'])[1 + n % 3] as token_type,
    'PO-' || 4500000000 + sales_order as purchase_order, 'SO' || lpad(sales_order::text, 8, '0') as sales_order,
    case when sales_order % 4 = 0 then 'Program ' || sales_order % 5000 || ' / phase ' || 1 + sales_order % 3 end
        as customer_reference,
    name || ' Holdings ' || organization as customer_name, 'C-' || lpad(organization::text, 6, '0') as customer_id,
    ordered as order_date
"""

_SERIAL = "'ST' || lpad((first + i)::text, 10, '0')"

_ORDER_LINES = f"""
insert into order_lines (order_line, identity, known_at, cancelled, line, part_number, cloud_plan, description,
    term_years, token_type, purchase_order, sales_order, customer_reference, customer_name, customer_id, order_date,
    org_id, org_name, quantity, named)
select 'SO' || lpad(sales_order::text, 8, '0') || '/' || n % 2, 'identity', ordered, false, (n % 2)::text,
    {_LINE_CELLS}, 'ORG-' || lpad(organization::text, 5, '0'), name || ' Charging ' || organization, tokens,
    array(select {_SERIAL} from generate_series(0, tokens - 1) as i)
from made_lines
"""

_SHIPMENT_LINES = f"""
insert into shipment_lines (shipment, order_line, identity, known_at, sales_order, line, ship_date, serials)
select 'SH' || n, 'SO' || lpad(sales_order::text, 8, '0') || '/' || n % 2, 'identity', ordered + 9,
    'SO' || lpad(sales_order::text, 8, '0'), (n % 2)::text, ordered + 9,
    array(select {_SERIAL} from generate_series(0, tokens - 1) as i)
from made_lines where ordered + 9 <= current_date
"""

# Eight of ten tokens that were shipped are on a station, two on each, and most of those have started; one of ten was
# transferred at some time, one of fifty shows an anomaly, one of eighty was returned. The last two columns are as wide
# as what the recorder packs.
_TOKENS = f"""
insert into tokens (token_serial, part_number, cloud_plan, description, term_years, token_type, purchase_order,
    sales_order, customer_reference, customer_name, customer_id, order_date, ship_date, org_id, org_name, evse_id,
    station_serial, station_name, applied_date, activation_date, expiration_date, anomalies, new_at, available_at,
    active_at, expired_at, gone_at, span_starts_at, due_at, sequence, fold_version, digest, facts)
select {_SERIAL}, line.part_number, line.cloud_plan, line.description, line.term_years, line.token_type,
    line.purchase_order, line.sales_order, line.customer_reference, line.customer_name, line.customer_id,
    line.order_date, case when shipped then ordered + 9 end,
    'ORG-' || lpad(owner::text, 5, '0'),
    (array['Northern', 'Harbor', 'Müller & Söhne', 'Réseau', 'Grand'])[1 + owner % 5] || ' Charging ' || owner,
    case when applied then 'US*CPI*E' || (first + i) / 2 || '*' || 1 + i % 2 end,
    case when applied then 'CS' || lpad(((first + i) / 2)::text, 10, '0') end,
    case when applied then 'Lot ' || chr(65 + ((first + i) / 2 % 26)::int) || ', bay ' || (first + i) / 2 end,
    case when applied then ordered + 31 end, case when started then ordered + 40 end,
    case when started then ends_on end,
    case when i % 50 = 7 then array['shipped_before_ordered'] else '{{}}' end,
    ordered, case when shipped then ordered + 9 end,
    case when started then ordered + 40 + interval '1 second' * (i * 977 % 80000) end,
    case when started then ends_on + 1 end,
    case when i % 80 = 11 and ordered + 60 <= current_date then ordered + 60 end,
    case when moved then ordered + (current_date - ordered) * (i % 97) / 97 else ordered end,
    case when started and ends_on + 1 > current_date then ends_on + 1 end,
    2, 1, repeat('d', 16)::bytea, repeat('x', 350)::bytea
from made_lines, lateral (select {_LINE_CELLS}) as line, generate_series(0, tokens - 1) as i,
    lateral (select (ordered + 40 + make_interval(years => years))::date as ends_on,
        ordered + 9 <= current_date as shipped, ordered + 31 <= current_date and i % 5 > 0 as applied,
        ordered + 41 <= current_date and i % 5 > 0 as started,
        i % 10 = 3 and i % 97 > 0 and ordered < current_date as moved,
        case when i % 10 = 3 then 1 + (organization + i) % {ORGANIZATIONS} else organization end as owner) as made
order by n, i
"""

_SPANS = """
insert into spans (token_serial, starts_at, ends_at, org_id, org_name)
select token_serial, new_at, span_starts_at, 'ORG-' || lpad(right(customer_id, 6)::int::text, 5, '0'),
    replace(customer_name, 'Holdings', 'Charging')
from tokens where span_starts_at > new_at
"""

_STATIONS = """
insert into subjects (kind, key, facts, serials, started_at)
select 3, station_serial, 'facts', 'serials', min(active_at) from tokens where station_serial is not null
group by station_serial
"""

_OWNERS = """
insert into owners
select org_id, org_name from tokens where org_id is not null union select org_id, org_name from spans
"""
_KNOWN_PLACES = """
insert into known_places
select hashed_place(station_serial, station_name, evse_id), station_serial, station_name, evse_id
from places, unnest(station_serials, station_names, evse_ids) as place (station_serial, station_name, evse_id)
"""
_PLACES = """
insert into places
select array_agg(station_serial), array_agg(station_name), array_agg(evse_id)
from (select *, row_number() over () / 64 as document from tokens where station_serial is not null) as placed
group by document
"""
_LARGE = {
    "tokens": _TOKENS,
    "spans": _SPANS,
    "subjects": _STATIONS,
    "places": _PLACES,
    "known_places": _KNOWN_PLACES,
}

_TUNING = {"wal_level": "minimal", "max_wal_senders": "0", "maintenance_work_mem": "1GB"}
"""Of Postgres while it is filled: what goes into a table that was emptied in the same transaction is not logged."""


@asynccontextmanager
async def database_to_read(folder: Path, tokens: int) -> AsyncIterator[tuple[EmbeddedPostgres, str]]:
    """Postgres on `folder`, and the URL of a database with so many tokens; filled where it is not yet."""
    async with filled_database(folder, "reads", tokens, _fill, tuning=_TUNING) as database:
        yield database


def shares(tokens: int) -> list[float]:
    """Where the share of each organization ends, between 0 and 1: Zipf's law, with an exponent that gives the largest
    `LARGEST` tokens, or a tenth where that is less.
    """
    wanted = min(LARGEST / tokens, 0.1)
    low, high = 0.0, 2.0
    while high - low > 1e-6:
        exponent = (low + high) / 2
        total = sum(rank**-exponent for rank in range(1, ORGANIZATIONS + 1))
        low, high = (exponent, high) if 1 / total < wanted else (low, exponent)
    ends, end = [], 0.0
    for rank in range(1, ORGANIZATIONS):
        end += rank**-low / total
        ends.append(end)
    return ends


async def _fill(connection: Any, tokens: int) -> None:
    await connection.execute("select setseed(0.5)")
    await connection.execute(_LINES, tokens, shares(tokens))
    for statement in (_ORDER_LINES, _SHIPMENT_LINES):
        await connection.execute(statement)
    for table, statement in _LARGE.items():
        await _load(connection, table, statement)
    await connection.execute(_OWNERS)
    await connection.execute("drop table made_lines")
    await connection.execute("vacuum analyze")
    await connection.execute("checkpoint")


async def _load(connection: Any, table: str, statement: str) -> None:
    """Fill a table without its indexes, which are made sooner than they grow."""
    indexes = await connection.fetch(
        """
        select index.relname, pg_get_indexdef(index.oid), pg_get_constraintdef(pg_constraint.oid)
        from pg_index join pg_class as index on index.oid = indexrelid
        left join pg_constraint on conindid = index.oid
        where indrelid = $1::text::regclass
        """,
        table,
    )
    async with connection.transaction():
        await connection.execute(f"truncate {table}")
        for name, _, constraint in indexes:
            of_table = f"alter table {table} drop constraint"
            await connection.execute(f"{'drop index' if constraint is None else of_table} {name}")
        await connection.execute(statement)
        for name, definition, constraint in indexes:
            as_constraint = f"alter table {table} add constraint {name} {constraint}"
            await connection.execute(definition if constraint is None else as_constraint)
