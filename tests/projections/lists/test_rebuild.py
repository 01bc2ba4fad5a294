"""What the lists are read from, made anew from what is recorded: after a migration, and where it was tampered with."""

import random

import asyncpg
import pytest

from lifecycle.calendar import Calendar
from projections import rebuilt_subjects
from projections.fold_version import why_rebuild_is_due
from projections.migrate import migrate, migrations
from projections.orders.rows import OrderLineRow, ShipmentLineRow
from projections.rebuild import rebuild
from projections.recorder import PostgresRecorder
from projections.verify.verify import verify
from tests.projections.recorder.conftest import Clock
from tests.projections.recorder.log import Log, spread
from tests.projections.recorder.test_random_histories import record_all
from tests.reference.histories import ZONE, random_history

SEED = 3
KEPT = {
    "order_lines": f"""select {", ".join(OrderLineRow._fields)} from order_lines
        where identity is not null order by order_line""",
    "shipment_lines": f"""select {", ".join(ShipmentLineRow._fields)} from shipment_lines
        order by shipment, order_line""",
    "starts": "select key, started_at from subjects where kind = 3 order by key",
    "local_offsets": "select from_at, ahead, fold_version from local_offsets order by from_at",
}


@pytest.fixture
async def company(recorder: PostgresRecorder, log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    """A random history of 20 tokens, recorded in batches."""
    monkeypatch.setattr(rebuilt_subjects, "SUBJECTS_A_CHUNK", 3)
    history = random_history(SEED, tokens=20, length=300)
    await record_all(recorder, spread(log, history, random.Random(SEED), 0, 40))


async def kept(sql: asyncpg.Connection) -> dict[str, list[tuple[object, ...]]]:
    return {name: [tuple(row) for row in await sql.fetch(query)] for name, query in KEPT.items()}


async def test_a_database_of_before_the_lists_gets_them(
    company: None, sql: asyncpg.Connection, database_url: str, clock: Clock
) -> None:
    before = await kept(sql)
    assert all(before.values()), "the history reaches all of it"
    await _go_back(sql)
    [migration] = [each for each in migrations() if each.name == "stations_and_order_lines"]
    await sql.execute(migration.sql)
    assert await migrate(database_url) == ["the views of the SQL contract"]
    assert (await kept(sql))["starts"] == before["starts"], "the migration reads them from the packed facts"
    due = await why_rebuild_is_due(sql, Calendar(ZONE))
    assert due is not None
    await rebuild(database_url, Calendar(ZONE), clock)
    assert await kept(sql) == before
    assert (await verify(database_url, Calendar(ZONE), clock)).count == 0


async def test_what_was_tampered_with_is_as_recorded_again(
    company: None, sql: asyncpg.Connection, database_url: str, clock: Clock
) -> None:
    before = await kept(sql)
    versions = await sql.fetch("select order_line, xmin::text from order_lines order by order_line")
    first = versions[0]["order_line"]
    await sql.execute("update order_lines set quantity = 77, named = '{}' where order_line = $1", first)
    await sql.execute("delete from order_lines where order_line = $1", versions[1]["order_line"])
    await sql.execute("update shipment_lines set serials = '{T99}' where shipment = 'SH-1'")
    await sql.execute("update subjects set started_at = now() where kind = 3")
    await rebuild(database_url, Calendar(ZONE), clock)
    assert await kept(sql) == before
    assert (await verify(database_url, Calendar(ZONE), clock)).count == 0
    after = await sql.fetch("select order_line, xmin::text from order_lines order by order_line")
    assert after[2:] == versions[2:], "rows that did not differ were not written"


async def test_a_rebuild_for_another_zone_brings_its_local_dates(
    company: None, sql: asyncpg.Connection, database_url: str, clock: Clock
) -> None:
    await rebuild(database_url, Calendar("Asia/Kathmandu"), clock)
    offsets = await sql.fetch("select distinct ahead::text from local_offsets")
    assert [row[0] for row in offsets] == ["05:45:00"]


async def _go_back(sql: asyncpg.Connection) -> None:
    """The schema as it was before the lists."""
    await sql.execute(
        """
        drop function orders_at, stations_at;
        drop view orders, stations, station_starts;
        drop table order_lines, shipment_lines, local_offsets;
        drop index tokens_station, spans_station;
        alter table subjects drop column started_at;
        update contract_rendered set digest = '';
        """
    )
