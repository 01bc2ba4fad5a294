"""Every operator on every column and every sort, on random tokens, against the same report in plain Python."""

import random
from datetime import timedelta
from zoneinfo import ZoneInfo

import asyncpg
import pytest

from projections.columns import COLUMNS
from projections.listing import ColumnType, Operator
from schemas.instants import format_instant
from tests.projections.read.companies import random_instant, random_tokens
from tests.projections.read.conftest import Ask, microseconds
from tests.projections.read.random_filters import filter_on, matches, random_filter
from tests.projections.read.stored import ordered, rows_at, store

SEED = 7
DATES = [column for column in COLUMNS if column.type is ColumnType.DATE]


async def test_every_operator_on_every_column_alone_and_beside_another(
    ask: Ask, writer: asyncpg.Connection
) -> None:
    dice = random.Random(SEED)
    stored = random_tokens(dice, 120)
    await store(writer, *stored)
    for column in COLUMNS:
        for number, operator in enumerate(column.type.operators):
            for match in ("all", "any"):
                at = random_instant(dice)
                rows = rows_at(stored, at)
                filters = [filter_on(column, operator, dice, rows), random_filter(dice, rows)]
                filters = filters[: dice.choice((1, 2))]
                descending = number % 2 == 1
                page = await ask(
                    filters,
                    match=match,
                    sort=f"{'-' if descending else ''}{column.key}",
                    as_of=format_instant(microseconds(at)),
                    limit="1000",
                    count="true",
                    columns="all,anomalies",
                )
                expected = [row for row in rows if matches(row, filters, match)]
                question = f"seed {SEED}: {filters} {match} at {at}"
                assert page.rows == ordered(expected, column.key, descending), question
                assert page.count == len(expected), question


@pytest.mark.parametrize(
    "operator", [Operator.IS, Operator.IS_NOT, Operator.IN, Operator.BEFORE, Operator.AFTER]
)
async def test_a_relative_date_is_the_date_that_it_stands_for_on_local_calendars(
    ask: Ask, writer: asyncpg.Connection, operator: Operator
) -> None:
    dice = random.Random(SEED)
    stored = random_tokens(dice, 120)
    await store(writer, *stored)
    found = 0
    for column in DATES:
        for days in (0, 1, -1, -3, -7):
            at = random_instant(dice)
            today = at.astimezone(ZoneInfo("America/Los_Angeles")).date()
            relative = f"today{days:+}d" if days else "today"
            day = today + timedelta(days=days)
            page = await ask(
                [f"{column.key}:{operator}:{relative}"],
                as_of=format_instant(microseconds(at)),
                columns="all,anomalies",
                limit="1000",
            )
            rows = rows_at(stored, at)
            expected = [row for row in rows if matches(row, [f"{column.key}:{operator}:{day}"], "all")]
            assert page.rows == expected, f"seed {SEED}: {column.key}:{operator}:{relative} at {at}"
            found += len(expected)
    assert found
