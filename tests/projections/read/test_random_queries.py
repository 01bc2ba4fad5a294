"""Random filters, sorts and instants on random tokens, against the same report made in plain Python."""

import random
from datetime import datetime

import asyncpg
import pytest

from projections.columns import COLUMNS
from schemas.instants import format_instant
from tests.projections.read.companies import random_instant, random_tokens
from tests.projections.read.conftest import Ask, microseconds, serials
from tests.projections.read.random_filters import matches, random_filter
from tests.projections.read.stored import ordered, rows_at, store

TOKENS = 60


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_the_database_answers_like_plain_python(
    ask: Ask, writer: asyncpg.Connection, seed: int
) -> None:
    dice = random.Random(seed)
    stored = random_tokens(dice, 120)
    await store(writer, *stored)
    for _ in range(250):
        at = random_instant(dice)
        rows = rows_at(stored, at)
        filters = [random_filter(dice, rows) for _ in range(dice.choice((0, 1, 1, 2, 3)))]
        match = dice.choice(("all", "any"))
        sort, descending = dice.choice([column.key for column in COLUMNS]), dice.random() < 0.5
        page = await ask(
            filters,
            match=match,
            sort=f"{'-' if descending else ''}{sort}",
            as_of=_text(at),
            limit="1000",
            count="true",
            columns="all,anomalies",
        )
        expected = [row for row in rows if matches(row, filters, match)]
        question = f"{filters} {match} {sort} {descending} at {at}"
        assert page.rows == ordered(expected, sort, descending), question
        assert page.count == len(expected), question


@pytest.mark.parametrize("column", [column.key for column in COLUMNS])
@pytest.mark.parametrize("sign", ["", "-"])
async def test_pages_together_are_the_whole_list(
    ask: Ask, writer: asyncpg.Connection, column: str, sign: str
) -> None:
    dice = random.Random(4)
    stored = random_tokens(dice, TOKENS)
    await store(writer, *stored)
    at = datetime.fromisoformat("2026-01-08T00:00:00+00:00")
    expected = [row["token_serial"] for row in ordered(rows_at(stored, at), column, sign == "-")]
    assert await _walk(ask, f"{sign}{column}", at, limit=7) == expected
    assert await _walk(ask, f"{sign}{column}", at, limit=1) == expected


async def test_pages_without_a_sort_go_by_the_exact_serial(ask: Ask, writer: asyncpg.Connection) -> None:
    dice = random.Random(5)
    stored = random_tokens(dice, TOKENS)
    await store(writer, *stored)
    at = datetime.fromisoformat("2026-01-08T00:00:00+00:00")
    assert await _walk(ask, None, at, limit=7) == [row["token_serial"] for row in rows_at(stored, at)]


async def _walk(ask: Ask, sort: str | None, at: datetime, limit: int) -> list[object]:
    """The serials on all pages, up to one page more than the tokens of these tests can fill."""
    given = {"limit": str(limit), **({} if sort is None else {"sort": sort})}
    page = await ask(as_of=_text(at), **given)
    walked = serials(page)
    for _ in range(TOKENS // limit + 1):
        if page.next is None:
            break
        assert len(page.rows) == limit
        page = await ask(after=page.next, **given)
        walked += serials(page)
    return walked


def _text(at: datetime) -> str:
    return format_instant(microseconds(at))


def test_the_random_queries_reach_every_column_and_operator() -> None:
    dice = random.Random(6)
    asked = {tuple(random_filter(dice, []).split(":")[:2]) for _ in range(20_000)}
    assert asked == {(column.key, str(operator)) for column in COLUMNS for operator in column.type.operators}
