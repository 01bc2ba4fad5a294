"""What reporting jobs read: the view, the function, and the role that may read nothing else."""

import random
from collections.abc import AsyncIterator
from datetime import datetime

import asyncpg
import pytest

from lifecycle.calendar import Calendar
from projections.contract_sql import render_contract_sql
from projections.query.arguments import Arguments
from projections.query.builder import Statement, list_statement, page_statement, rows_sql
from projections.query.filters import parse_filter
from projections.query.report import Report
from projections.query.scope import AllOrganizations, Organizations
from projections.query.sorting import parse_sort
from tests.projections.read.companies import random_instant, random_tokens
from tests.projections.read.conftest import NOW, microseconds
from tests.projections.read.stored import KEYS, Span, Stored, rows_at, store, token


@pytest.fixture
async def reporting(writer: asyncpg.Connection) -> AsyncIterator[asyncpg.Connection]:
    """A reporting job's session."""
    await writer.execute("set role tokens_reader")
    yield writer
    await writer.execute("reset role")


async def test_the_view_has_the_columns_of_the_report(writer: asyncpg.Connection) -> None:
    statement = await writer.prepare("select * from service_tokens")
    assert [attribute.name for attribute in statement.get_attributes()] == [*KEYS, "anomalies"]
    statement = await writer.prepare("select * from service_tokens_at('2026-01-01Z')")
    assert [attribute.name for attribute in statement.get_attributes()] == [*KEYS, "anomalies"]


async def test_the_function_gives_the_report_at_any_instant(writer: asyncpg.Connection) -> None:
    dice = random.Random(11)
    stored = random_tokens(dice, 80)
    await store(writer, *stored)
    for _ in range(40):
        at = random_instant(dice)
        records = await writer.fetch(
            'select * from service_tokens_at($1) order by token_serial collate "pg_c_utf8"', at
        )
        assert [dict(record) for record in records] == rows_at(stored, at), at


async def test_the_view_is_the_function_at_now(writer: asyncpg.Connection) -> None:
    now = await writer.fetchval("select now()")
    await store(
        writer, *random_tokens(random.Random(12), 40), token("LATER", datetime(9999, 1, 1, tzinfo=now.tzinfo))
    )
    async with writer.transaction():
        view = await writer.fetch("select * from service_tokens order by token_serial")
        at_now = await writer.fetch("select * from service_tokens_at(now()) order by token_serial")
    assert view == at_now
    assert len(view) > 20


@pytest.mark.parametrize("as_of", ["null", "'infinity'", "'-infinity'"])
async def test_no_instant_makes_the_function_fail(writer: asyncpg.Connection, as_of: str) -> None:
    await store(writer, token("T", NOW))
    serials = await writer.fetch(f"select token_serial from service_tokens_at({as_of})")
    assert len(serials) == (1 if as_of == "'infinity'" else 0)


async def test_the_reader_role_reads_the_contract(reporting: asyncpg.Connection) -> None:
    await reporting.execute("reset role")
    await store(
        reporting,
        token("T", NOW),
        Stored("M", (Span(NOW, "A"), Span(datetime.max.replace(tzinfo=NOW.tzinfo), "B")), NOW),
    )
    await reporting.execute("set role tokens_reader")
    assert len(await reporting.fetch("select * from service_tokens_at('2026-06-02Z')")) == 2
    assert await reporting.fetch("select * from service_tokens") is not None
    # Volatile, so that it is called and not inlined: the rights are looked at in another place then.
    assert (
        len(
            await reporting.fetch(
                "select * from service_tokens_at('2026-06-02Z'::timestamptz + random() * '0'::interval)"
            )
        )
        == 2
    )


async def test_the_reader_role_reads_nothing_else(reporting: asyncpg.Connection) -> None:
    tables = await reporting.fetch(
        """
        select relname from pg_class
        where relnamespace = 'public'::regnamespace and relkind in ('r', 'v', 'm')
        """
    )
    readable = [
        name
        for (name,) in tables
        if await reporting.fetchval(
            "select has_table_privilege('tokens_reader', $1, 'select, insert, update, delete')", name
        )
    ]
    internal = ["local_offsets", "order_lines", "shipment_lines", "station_starts", "token_periods"]
    assert sorted(readable) == sorted([*internal, "orders", "service_tokens", "stations"])
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await reporting.fetch("select facts from tokens")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await reporting.execute("delete from spans")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await reporting.execute("create table mine ()")


async def test_no_role_but_the_reader_is_let_in(writer: asyncpg.Connection) -> None:
    function = "'service_tokens_at(timestamptz)'::regprocedure"
    for role, allowed in (("public", False), ("tokens_reader", True)):
        called = await writer.fetchval(f"select has_function_privilege('{role}', {function}, 'execute')")
        read = await writer.fetchval(f"select has_table_privilege('{role}', 'service_tokens', 'select')")
        assert (called, read) == (allowed, allowed)


async def test_the_contract_can_be_rendered_again_at_any_time(writer: asyncpg.Connection) -> None:
    await store(writer, token("T", NOW))
    for _ in range(2):
        async with writer.transaction():
            await writer.execute(render_contract_sql())
    await writer.execute("set role tokens_reader")
    assert await writer.fetchval("select count(*) from service_tokens_at('2026-06-02Z')") == 1


async def test_a_rendering_that_fails_changes_nothing(writer: asyncpg.Connection) -> None:
    await writer.execute("create view of_somebody_else as select token_serial from service_tokens")
    with pytest.raises(asyncpg.DependentObjectsStillExistError):
        async with writer.transaction():
            await writer.execute(render_contract_sql())
    assert await writer.fetch("select * from of_somebody_else") == []


async def test_the_contract_lives_in_the_schema_that_it_is_rendered_in(writer: asyncpg.Connection) -> None:
    await writer.execute("create schema elsewhere")
    for table in ("tokens", "spans", "subjects", "order_lines", "shipment_lines", "local_offsets"):
        await writer.execute(f"create table elsewhere.{table} (like {table} including all)")
    await writer.execute("set search_path to elsewhere, public")
    await writer.execute(render_contract_sql())
    await store(writer, token("ELSEWHERE", NOW))
    await writer.execute("set search_path to pg_catalog")
    await writer.execute("set role tokens_reader")
    rows = await writer.fetch("select token_serial from elsewhere.service_tokens_at('2026-06-02Z')")
    assert [serial for (serial,) in rows] == ["ELSEWHERE"]


async def test_postgres_sees_through_the_function(writer: asyncpg.Connection) -> None:
    await writer.execute(
        """
        insert into tokens (token_serial, new_at, span_starts_at, sequence, fold_version, digest, facts)
        select 'T' || number, '2026-05-31Z', '2026-05-31Z', 1, 1, '', ''
        from generate_series(1, 20000) as number;
        insert into spans (token_serial, starts_at, ends_at)
        select token_serial, new_at - '1 day'::interval, new_at from tokens;
        """
    )
    await writer.execute("analyze tokens, spans")
    now = microseconds(NOW)
    report = Report(
        Organizations(frozenset({"ORG"})),
        now,
        Calendar("America/Los_Angeles"),
        (parse_filter("status:is:Active"),),
        sort=parse_sort("-status"),
    )
    plain = Report(AllOrganizations(), now, Calendar("America/Los_Angeles"))
    arguments = Arguments()
    statements = [
        page_statement(report, 10, None),
        Statement(rows_sql(report, "count(*)", arguments), arguments.values),
        list_statement(report, lambda column: column.key),
        page_statement(plain, 10, None),
    ]
    for statement in statements:
        plan = await writer.fetch(f"explain {statement.sql}", *statement.arguments)
        assert "Function Scan" not in str(plan), plan
        assert "on tokens" in str(plan), plan
    first_page = str(plan)
    assert "Index Scan using tokens_pkey" in first_page
    assert "Seq Scan on tokens" not in first_page
    found = str(await writer.fetch("explain select * from service_tokens where token_serial = 'T7'"))
    assert "Index Cond: (token_serial = 'T7'" in found
    assert "Seq Scan on tokens" not in found
