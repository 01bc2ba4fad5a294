"""Tokens counted by what they are alike in, without looking at each, are those of plain Python."""

import random
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta

import asyncpg
import pytest

from projections.columns import COLUMNS
from projections.query import tallies
from projections.query.arguments import Arguments
from projections.query.date_lookups import TERMS
from projections.query.parameters import read_page_request
from projections.query.report import Report
from projections.query.scope import AllOrganizations, Organizations
from projections.query.tallies import tally_sql
from schemas.instants import format_instant
from tests.projections.read.companies import random_instant, random_tokens
from tests.projections.read.conftest import NOW, PACIFIC, microseconds
from tests.projections.read.random_filters import filter_on, matches
from tests.projections.read.stored import Stored, rows_at, store, token

ALIKE = ("status", "activation_date", "expiration_date")


def report(*filters: str, match: str = "all", as_of: int = microseconds(NOW)) -> Report:
    pairs = [("match", match), ("as_of", format_instant(as_of)), *(("filter", each) for each in filters)]
    return read_page_request(pairs, AllOrganizations(), microseconds(NOW), PACIFIC).report


@pytest.mark.parametrize("seed", [1, 2])
async def test_the_tally_is_that_of_plain_python(writer: asyncpg.Connection, seed: int) -> None:
    dice = random.Random(seed)
    stored = random_tokens(dice, 200)
    await store(writer, *stored)
    columns = [column for column in COLUMNS if column.key in ALIKE]
    for _ in range(100):
        at = random_instant(dice) + timedelta(days=dice.choice((0, 0, 0, -700, 365, 730, 36_600)))
        rows = rows_at(stored, at)
        filters = []
        for _ in range(dice.choice((0, 0, 1, 2))):
            column = dice.choice(columns)
            filters.append(filter_on(column, dice.choice(column.type.operators), dice, rows))
        match = dice.choice(("all", "any"))
        arguments = Arguments()
        asked = report(*filters, match=match, as_of=microseconds(at))
        sql = await tally_sql(writer, asked, f"{', '.join(ALIKE)}, sum(tokens)::int", arguments)
        assert sql is not None
        found = await writer.fetch(f"{sql} group by 1, 2, 3", *arguments.values)
        expected = Counter(tuple(row[key] for key in ALIKE) for row in rows if matches(row, filters, match))
        assert {tuple(alike): tokens for *alike, tokens in found if tokens} == expected, f"{asked} {at}"


async def test_rows_of_another_calendar_are_judged_by_their_instants(writer: asyncpg.Connection) -> None:
    hour, day, year = timedelta(hours=1), timedelta(days=1), timedelta(days=365)
    today, known = NOW.date() - day, NOW - 2 * year

    def started(serial: str, at: datetime, on: date) -> Stored:
        return token(serial, known, available_at=known, active_at=at, activation_date=on)

    def ended(serial: str, at: datetime, on: date) -> Stored:
        token = replace(started(serial, NOW - year, on - year), term_years=1)
        return replace(token, expiration_date=on, expired_at=at)

    await store(
        writer,
        *(started(f"to start {days}", NOW + hour, today + days * day) for days in (-2, -1, 0, 3)),
        *(started(f"started {days}", NOW - hour, today + days * day) for days in (-3, 0, 1, 2)),
        *(ended(f"to end {days}", NOW + hour, today + days * day) for days in (-2, -1, 0, 1)),
        *(ended(f"ended {days}", NOW - hour, today + days * day) for days in (-3, 0, 1, 2)),
        token("shipped in days to come", known, ship_date=today, available_at=NOW + hour),
        replace(ended("gone", NOW + hour, today), gone_at=NOW),
    )
    arguments = Arguments()
    sql = await tally_sql(writer, report(), "status, sum(tokens)::int as tokens", arguments)
    found = await writer.fetch(f"{sql} group by 1", *arguments.values)
    counted = {row["status"]: row["tokens"] for row in found}
    assert counted == {"New": 1, "Available": 4, "Active": 8, "Expired": 4}


async def test_terms_are_found_by_their_index_before_any_vacuum(writer: asyncpg.Connection) -> None:
    await writer.execute(
        """
        insert into tokens (token_serial, new_at, available_at, active_at, span_starts_at, term_years, activation_date,
            sequence, fold_version, digest, facts)
        select 'T' || n, '2025-01-01Z', '2025-01-01Z', '2025-01-01Z', '2025-01-01Z', 1 + n % 3, '2025-01-01', 1, 1, '',
            repeat('x', 500)::bytea
        from generate_series(1, 20000) as n;
        analyze tokens;
        """
    )
    plan = str(await writer.fetch(f"explain select years from {TERMS}"))
    assert "using tokens_started" in plan
    assert "Seq Scan" not in plan, plan


async def test_indexes_alone_tell_of_all_tokens(writer: asyncpg.Connection) -> None:
    arguments = Arguments()
    sql = await tally_sql(writer, report(), "sum(tokens)", arguments)
    assert sql is not None
    await writer.execute("set enable_seqscan = off; set enable_bitmapscan = off")
    plan = str(await writer.fetch(f"explain {sql}", *arguments.values))
    for index in ("tokens_started", "tokens_available", "tokens_new", "tokens_gone"):
        assert f"Index Only Scan using {index}" in plan, plan


async def test_what_is_alike_in_more_is_not_tallied(writer: asyncpg.Connection) -> None:
    asked = report()
    of_some = Report(Organizations(frozenset({"ORG"})), asked.as_of, PACIFIC)
    for other in (report("org_id:is:ORG"), report("status:is:New", "token_serial:is_not:T"), of_some):
        assert await tally_sql(writer, other, "sum(tokens)", Arguments()) is None


async def test_many_that_can_be_otherwise_are_not_tallied(
    writer: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store(writer, *random_tokens(random.Random(1), 200))
    monkeypatch.setattr(tallies, "_MOST_UNSURE", 50)
    before = report(as_of=microseconds(NOW - timedelta(days=150)))
    assert await tally_sql(writer, before, "sum(tokens)", Arguments()) is None
    assert await tally_sql(writer, report(), "sum(tokens)", Arguments()) is not None
