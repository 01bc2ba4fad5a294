"""The filters that each count carries show exactly the rows behind it."""

import random
from collections import Counter
from itertools import permutations

import asyncpg
import pytest

from lifecycle.anomalies import ANOMALIES
from projections.query.parameters import MAX_FILTERS
from schemas.instants import format_instant
from tests.projections.read.companies import random_instant, random_tokens
from tests.projections.read.conftest import Ask, microseconds
from tests.projections.read.random_filters import matches, random_filter
from tests.projections.read.stored import ReportRow, rows_at, store
from tests.projections.summary.conftest import Summarize, buckets


@pytest.mark.parametrize("seed", [1, 2])
async def test_the_counts_are_those_of_plain_python(
    ask: Ask, summarize: Summarize, writer: asyncpg.Connection, seed: int
) -> None:
    dice = random.Random(seed)
    stored = random_tokens(dice, 120)
    await store(writer, *stored)
    for turn in range(60):
        at = random_instant(dice)
        rows = rows_at(stored, at)
        filters = [random_filter(dice, rows) for _ in range(dice.choice((0, 1, 1, 2, 3)))]
        match = dice.choice(("all", "any"))
        as_of = format_instant(microseconds(at))
        summary = await summarize(filters, match=match, as_of=as_of)
        expected = [row for row in rows if matches(row, filters, match)]
        question = f"{filters} {match} at {at}"
        assert summary.count == len(expected), question
        assert {each.value: each.count for each in summary.statuses if each.count} == Counter(
            row["status"] for row in expected
        ), question
        counted = _by_month(summary.as_json())
        assert counted == Counter(_month(row, summary.as_json()) for row in expected), question
        assert {each.value: each.count for each in summary.anomalies.kinds if each.count} == Counter(
            kind for row in expected for kind in _kinds(row)
        ), question
        assert summary.anomalies.none.count == sum(not _kinds(row) for row in expected), question
        if turn % 6:
            continue
        for bucket in buckets(summary):
            assert (bucket.filters is None) == (match == "any" and len(filters) > 1)
            if bucket.filters is not None:
                page = await ask([*filters, *bucket.filters], as_of=as_of, count="true", limit="1")
                assert page.count == bucket.count, f"{question}: {bucket}"


async def test_the_filters_of_every_month_select_it_at_the_ends_of_the_calendar(
    ask: Ask, summarize: Summarize
) -> None:
    for as_of in ("0001-01-01T00:00:00Z", "9999-11-30T00:00:00Z", "9999-12-31T23:59:59Z"):
        for bucket in buckets(await summarize(as_of=as_of)):
            assert bucket.filters is not None
            assert (await ask(list(bucket.filters), as_of=as_of)).rows == []


async def test_no_filters_are_offered_beyond_the_number_that_is_taken(summarize: Summarize) -> None:
    summary = await summarize(["status:is:New"] * (MAX_FILTERS - 1))
    assert summary.statuses[0].filters == ("status:is:New",)
    assert summary.expirations.months[0].filters is None
    full = await summarize(["status:is:New"] * MAX_FILTERS)
    assert [each.filters for each in buckets(full) if each.filters is not None] == []


def test_no_anomaly_is_part_of_another_nor_holds_the_comma_between_them() -> None:
    assert [pair for pair in permutations(ANOMALIES, 2) if pair[0] in pair[1]] == []
    assert [name for name in ANOMALIES if "," in name] == []


def _month(row: ReportRow, body: dict[str, object]) -> str:
    """The month in which a token is counted, or in which of the other three places it is."""
    if row["expiration_date"] is None:
        return "none"
    month, months = str(row["expiration_date"])[:7], list(_months(body))
    return "earlier" if month < months[0] else "later" if month > months[-1] else month


def _by_month(body: dict[str, object]) -> dict[str, int]:
    found = body["expirations"]
    assert isinstance(found, dict)
    counts = {**_months(body), **{place: found[place]["count"] for place in ("earlier", "later", "none")}}
    return {month: count for month, count in counts.items() if count}


def _months(body: dict[str, object]) -> dict[str, int]:
    found = body["expirations"]
    assert isinstance(found, dict)
    return {month["value"]: month["count"] for month in found["months"]}


def _kinds(row: ReportRow) -> list[str]:
    kinds = row["anomalies"]
    assert isinstance(kinds, list)
    return kinds
