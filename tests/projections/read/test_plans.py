"""How Postgres finds what is asked for, where there are so many tokens that it matters."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import asyncpg
import pytest

from lifecycle.stages import Status
from projections.query import by_status as pages_by_status
from projections.query import date_lookups, lookups, narrowing, page
from projections.query.arguments import Arguments
from projections.query.builder import Statement, page_statement
from projections.query.filters import Match
from projections.query.lookups import First, LookUp
from projections.query.page import PageRequest
from projections.query.parameters import read_page_request
from projections.query.scope import AllOrganizations
from projections.query.status_lookups import by_status
from tests.projections.read.conftest import NOW, PACIFIC, microseconds
from tests.projections.read.stored import KEEP_OWNERS_AND_PLACES

Narrow = Callable[..., Awaitable[Statement]]


@pytest.fixture
async def narrow(writer: asyncpg.Connection) -> Narrow:
    """The statement of a page with these filters, as it is narrowed."""

    async def statement(*filters: str, match: Match = Match.ALL) -> Statement:
        asked = _asked(*(("filter", each) for each in filters))
        report = await narrowing.narrowed(writer, replace(asked.report, match=match), 1_000)
        return page_statement(report, 10, None)

    return statement


async def test_an_index_leads_to_what_lines_owners_and_stations_tell(
    narrow: Narrow, writer: asyncpg.Connection
) -> None:
    await _many(writer)
    for filters in (
        ["sales_order:contains:so-7"],
        ["description:is:line 7", "cloud_plan:is_not_empty"],
        ["order_date:is:2025-01-08"],
        ["ship_date:is:2025-01-08"],
        ["token_serial:contains:000123"],
        ["token_serial:is:T00012345"],
        ["org_name:contains:owner 7"],
        ["org_id:is:org-7", "status:is:Active"],
        ["station_serial:contains:station 7"],
        ["expiration_date:after:2026-03-07", "expiration_date:before:2026-03-09"],
        ["activation_date:is:2025-03-07"],
        ["applied_date:is:2025-03-06"],
        ["station_name:is:site 7"],
        ["evse_id:in:us*7,us*8"],
        ["anomalies:is:shipment_missing"],
    ):
        statement = await narrow(*filters)
        plan = await _plan(writer, statement)
        assert "Seq Scan on tokens" not in plan, (filters, plan)
        assert await writer.fetch(statement.sql, *statement.arguments), filters
    statement = await narrow(
        "sales_order:is:so-7", "org_id:is:org-7", "token_serial:is:T00012345", match=Match.ANY
    )
    plan = await _plan(writer, statement)
    assert "BitmapOr" in plan, plan
    assert "Seq Scan on tokens" not in plan, plan


@pytest.mark.parametrize("has_quantity", [True, False])
async def test_lines_are_read_until_they_have_too_many_tokens(
    writer: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch, has_quantity: bool
) -> None:
    await _many(writer)
    monkeypatch.setattr(lookups, "_FEW_LINES", 20)
    if not has_quantity:
        await writer.execute("update order_lines set quantity = null")
    report = _asked(("filter", "cloud_plan:is_not_empty")).report
    for most, lines in ((50, (21, 22)), (500, (51, 52)), (20_000, (2_000,))):
        asked = LookUp(report, most)
        assert await _read(writer, "order_lines", lookups.by_lines(asked), asked.arguments) in lines


@pytest.mark.parametrize("day", ["2025-01-05", "2027-06-01", "2029-01-01"])
async def test_what_was_shipped_since_is_read_until_it_is_too_much(
    writer: asyncpg.Connection, day: str
) -> None:
    await _many(writer)
    asked = LookUp(_asked(("as_of", f"{day}T12:00:00Z")).report, 500, First("", 10))
    assert await _read(writer, "shipment_lines", by_status(asked, Status.NEW), asked.arguments) in (101, 102)


async def test_a_line_that_ordered_far_more_than_it_names_yet_leads_to_its_tokens(
    writer: asyncpg.Connection,
) -> None:
    await _many(writer)
    await writer.execute("update order_lines set quantity = 1000000000 where order_line = 'SO-7'")
    report = await narrowing.narrowed(writer, _asked(("filter", "sales_order:is:so-7")).report, 1_000)
    assert len(report.among[0].cells) == 20, "by the line, and by its shipment"


async def test_counts_and_one_organizations_pages_read_an_index_alone(writer: asyncpg.Connection) -> None:
    await _many(writer)
    for sql in (
        "select count(*) from service_tokens_at(now())",
        "select status, expiration_date, count(*) from service_tokens_at(now()) group by 1, 2",
        "select count(*) from service_tokens_at(now()) where org_id = any(array['ORG-7'])",
    ):
        plan = str(await writer.fetch(f"explain {sql}"))
        assert "Index Only Scan using tokens_owned" in plan, plan


class _Explained:
    """A connection that has the plan of each query."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection
        self.plans: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    async def fetch(self, sql: str, *arguments: object) -> Any:
        self.plans.append(str(await self._connection.fetch(f"explain {sql}", *arguments)))
        return await self._connection.fetch(sql, *arguments)


async def test_a_long_stretch_of_a_status_is_told_by_an_index_alone(
    writer: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _many(writer)
    monkeypatch.setattr(pages_by_status, "_AT_FIRST", 15_000)
    explained = _Explained(writer)
    await page.read_page(explained, _asked(("filter", "status:is:Active")))  # type: ignore[arg-type]
    assert "Index Only Scan using tokens_owned" in explained.plans[0]


async def test_several_processes_count(writer: asyncpg.Connection) -> None:
    await _many(writer)
    await writer.execute("set parallel_setup_cost = 0; set parallel_tuple_cost = 0")
    for filters in ([], [("filter", "cloud_plan:is_not:other")]):
        before = await _launched(writer)
        assert await page.read_count(writer, _asked(*filters).report) == 20_000
        assert await _launched(writer) > before, filters


async def _launched(writer: asyncpg.Connection) -> int:
    await writer.execute("select pg_stat_force_next_flush()")
    launched: int = await writer.fetchval(
        "select parallel_workers_launched from pg_stat_database where datname = current_database()"
    )
    return launched


async def test_where_bounds_leave_nearly_all_tokens_none_is_looked_up(
    narrow: Narrow, writer: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _many(writer)
    looked_up: list[str] = []

    def watched(name: str) -> Callable[[Any], str]:
        def look_up(_: Any) -> str:
            looked_up.append(name)
            return "select null"

        return look_up

    names = ("by_activation", "by_application", "by_expiration")
    for name in names:
        monkeypatch.setattr(date_lookups, name, watched(name))
    for key in ("activation_date", "applied_date", "expiration_date"):
        await narrow(f"{key}:after:2025-01-01", f"{key}:before:2027-01-01")
    assert looked_up == []
    for key in ("activation_date", "applied_date", "expiration_date"):
        await narrow(f"{key}:before:2025-01-01")
        await narrow(f"{key}:contains:2025-01-01")
    assert looked_up == [name for name in names for _ in range(2)]


async def _many(writer: asyncpg.Connection) -> None:
    """20,000 tokens of 2,000 lines, owners and stations."""
    await writer.execute(
        """
        insert into tokens (token_serial, new_at, available_at, span_starts_at, sales_order, description, cloud_plan,
            order_date, ship_date, org_id, org_name, station_serial, station_name, evse_id, applied_date, active_at,
            term_years, activation_date, expiration_date, anomalies, sequence, fold_version, digest, facts)
        select 'T' || lpad(n::text, 8, '0'), '2025-01-01Z', '2025-01-01Z', '2025-01-01Z', 'SO-' || n % 2000,
            'Line ' || n % 2000, 'Plan', date '2025-01-01' + n % 2000, date '2025-01-01' + n % 2000, 'ORG-' || n % 1000,
            'Owner ' || n % 1000, 'Station ' || n % 2000, 'Site ' || n % 2000, 'US*' || n % 2000,
            date '2025-02-28' + n % 300, '2025-06-01Z', 1, date '2025-03-01' + n % 300, date '2026-03-01' + n % 300,
            case when n % 50 = 7 then array['shipment_missing'] else '{}' end, 1, 1, '',
            repeat('x', 1500)::bytea
        from generate_series(1, 20000) as n;
        insert into order_lines (order_line, sales_order, line, description, cloud_plan, order_date, named, quantity)
        select sales_order, sales_order, '', description, cloud_plan, order_date, array_agg(token_serial), count(*)
        from tokens group by sales_order, description, cloud_plan, order_date;
        insert into shipment_lines (shipment, order_line, identity, known_at, sales_order, line, ship_date, serials)
        select sales_order, sales_order, '', now(), sales_order, '', ship_date, array_agg(token_serial)
        from tokens group by sales_order, ship_date order by ship_date;
        insert into subjects (kind, key, facts, serials)
        select distinct 3, station_serial, ''::bytea, ''::bytea from tokens;
        """
    )
    await writer.execute(KEEP_OWNERS_AND_PLACES)
    # What is not on disk yet is not marked as visible to all, which is what reading an index alone takes.
    await writer.execute("checkpoint")
    await writer.execute("vacuum analyze tokens, order_lines, shipment_lines, subjects, known_places")


def _asked(*pairs: tuple[str, str]) -> PageRequest:
    return read_page_request(pairs, AllOrganizations(), microseconds(NOW), PACIFIC)


async def _read(writer: asyncpg.Connection, table: str, sql: str, arguments: Arguments) -> int:
    """How many rows of a table are looked at by a statement."""
    explained = await writer.fetchval(f"explain (analyze, format json) {sql}", *arguments.values)
    nodes = [json.loads(explained)[0]["Plan"]]
    for node in nodes:
        nodes += node.get("Plans", [])
    rows: list[float] = [
        node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
        for node in nodes
        if node.get("Relation Name") == table
    ]
    return round(sum(rows))


async def _plan(writer: asyncpg.Connection, statement: Statement) -> str:
    records: Any = await writer.fetch(f"explain {statement.sql}", *statement.arguments)
    return "\n".join(line for (line,) in records)
