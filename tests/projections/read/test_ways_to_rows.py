"""However the rows are found, by lines, by owners, value by value or by a scan, they are those of plain Python."""

import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from lifecycle.stages import Status
from projections.columns import COLUMNS
from projections.query import (
    by_serial,
    by_status,
    lookups,
    narrowing,
    page,
    stretches,
    walking,
    ways,
)
from projections.query.database import reading
from projections.query.parameters import read_page_request
from projections.query.scope import AllOrganizations, Organizations
from schemas.instants import format_instant
from tests.projections.read.companies import random_instant, random_tokens
from tests.projections.read.conftest import NOW, PACIFIC, Ask, microseconds, serials
from tests.projections.read.random_filters import matches, random_filter
from tests.projections.read.stored import last_day, ordered, rows_at, store, token

TOKENS = 40


@pytest.fixture(params=[0, 1, 5, 50])
def most(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """So few rows, values and owners that what is looked up is often too much, or the first part of what there is."""
    number: int = request.param
    for module, names in (
        (page, ("MOST_FOR_PAGE", "MOST_FOR_COUNT")),
        (walking, ("MOST_FOR_PAGE",)),
        (by_serial, ("MOST_FOR_PAGE",)),
        (by_status, ("MOST_FOR_PAGE",)),
        (ways, ("_TOKENS_OF_OWNER",)),
        (lookups, ("MOST_OWNERS", "_MOST_STATIONS")),
    ):
        for name in names:
            monkeypatch.setattr(module, name, number)
    # Fewer than tokens, of which each line has one here: it is the lines that are too many.
    monkeypatch.setattr(lookups, "_MOST_LINES", number // 5)
    monkeypatch.setattr(stretches, "_STRETCHES", (number, number))
    monkeypatch.setattr(stretches, "_KNOWN_AT_FIRST", 1)
    monkeypatch.setattr(by_serial, "_FIRST", 1)
    monkeypatch.setattr(by_status, "_FIRST", 1)
    monkeypatch.setattr(by_status, "_AT_FIRST", 1)
    monkeypatch.setattr(by_status, "_MOST_SERIALS", 1 + number)
    monkeypatch.setattr(narrowing, "_FAR_MORE", number % 2)
    monkeypatch.setattr(ways, "_MOST_STARTED", 1 + number)
    monkeypatch.setattr(ways, "_MOST_CANDIDATES", 2)
    return number


async def test_the_rows_are_the_same_where_less_is_looked_up(
    ask: Ask, writer: asyncpg.Connection, most: int
) -> None:
    dice = random.Random(most)
    stored = random_tokens(dice, TOKENS)
    await store(writer, *stored)
    for _ in range(100):
        at = random_instant(dice)
        rows = rows_at(stored, at)
        filters = [random_filter(dice, rows) for _ in range(dice.choice((0, 1, 2, 3)))]
        match = dice.choice(("all", "any"))
        expected = [row for row in rows if matches(row, filters, match)]
        given: dict[str, Any] = {"match": match, "limit": "3", "columns": "all,anomalies"}
        if dice.random() < 0.3:
            given["scope"] = Organizations(frozenset({"ORG-1"}))
            expected = [row for row in expected if row["org_id"] == "ORG-1"]
        if dice.random() < 0.6:
            sort, descending = dice.choice([column.key for column in COLUMNS]), dice.random() < 0.5
            expected = ordered(expected, sort, descending)
            given["sort"] = f"{'-' if descending else ''}{sort}"
        question = f"{filters} {given} at {at}, most {most}"
        found = await ask(filters, as_of=format_instant(microseconds(at)), count="true", **given)
        assert found.count == len(expected), question
        assert await _every_page(ask, at, filters=filters, **given) == expected, question


@pytest.mark.parametrize("column", ["activation_date", "applied_date", "expiration_date"])
@pytest.mark.usefixtures("most")
async def test_the_first_of_a_stretch_of_days_are_not_those_of_its_first_days(
    ask: Ask, writer: asyncpg.Connection, column: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The later a serial, the earlier its dates: of more than are looked up, none may be taken for the first."""
    monkeypatch.setattr(narrowing, "_FAR_MORE", 1_000)
    for number in reversed(range(TOKENS)):
        start = datetime(2025, 3, 1, tzinfo=UTC) - timedelta(days=number)
        ends = last_day(start.date(), 4)
        dates = {"active_at": start, "applied_date": start.date(), "expiration_date": ends}
        await store(writer, token(f"T{number:02}", start, **dates))
    page = await ask([f"{column}:after:2025-01-01"], limit="3")
    assert serials(page) == ["T00", "T01", "T02"]


async def test_the_tokens_of_a_status_are_found_at_any_instant(
    ask: Ask, writer: asyncpg.Connection, most: int
) -> None:
    dice = random.Random(most)
    stored = random_tokens(dice, TOKENS)
    await store(writer, *stored)
    for at in {random_instant(dice) for _ in range(20)}:
        rows = rows_at(stored, at)
        for status in Status:
            found = await _every_page(ask, at, filters=[f"status:is:{status}"])
            assert found == [row for row in rows if row["status"] == status], (status, at, most)
        for sign in ("", "-"):
            found = await _every_page(ask, at, sort=f"{sign}status")
            assert found == ordered(rows, "status", sign == "-"), (sign, at, most)
            either = ("status:is:Available", "status:is:Active")
            found = await _every_page(ask, at, filters=[*either], match="any", sort=f"{sign}status")
            passing = [row for row in rows if f"status:is:{row['status']}" in either]
            assert found == ordered(passing, "status", sign == "-"), (sign, at, most)


async def _every_page(ask: Ask, at: datetime, **given: Any) -> list[dict[str, object]]:
    given = {"limit": "3", "columns": "all,anomalies", **given}
    found = await ask(as_of=format_instant(microseconds(at)), **given)
    rows = found.rows
    while found.next is not None:
        found = await ask(after=found.next, **given)
        rows += found.rows
    return rows


WALKED = [column.key for column in COLUMNS if column.key not in ("token_serial", "status", "anomalies")]


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00Z", "2026-01-08T00:00:00Z", "9999-12-31T23:59:59Z"])
async def test_every_order_is_walked_at_any_instant(writer: asyncpg.Connection, ask: Ask, at: str) -> None:
    stored = random_tokens(random.Random(4), TOKENS)
    await store(writer, *stored)
    for key in WALKED:
        for sort in (key, f"-{key}"):
            asked = read_page_request(
                [("sort", sort), ("as_of", at)], AllOrganizations(), microseconds(NOW), PACIFIC
            )
            assert await walking.sorted_page(writer, asked.report, TOKENS + 1, None) is not None, sort
            found = await ask(sort=sort, as_of=at, limit="1000", columns="all,anomalies")
            rows = rows_at(stored, datetime.fromisoformat(at))
            assert found.rows == ordered(rows, key, sort.startswith("-")), sort


async def test_pages_of_some_organizations_in_any_order(ask: Ask, writer: asyncpg.Connection) -> None:
    dice = random.Random(8)
    stored = random_tokens(dice, TOKENS)
    await store(writer, *stored)
    at = NOW
    rows = [row for row in rows_at(stored, at) if row["org_id"] == "ORG-1"]
    scope = Organizations(frozenset({"ORG-1"}))
    for column in COLUMNS:
        found = await ask(scope=scope, sort=column.key, limit="1000", as_of=format_instant(microseconds(at)))
        assert serials(found) == [row["token_serial"] for row in ordered(rows, column.key, False)]


async def test_a_token_without_a_line_is_found_by_its_serial(ask: Ask, writer: asyncpg.Connection) -> None:
    await store(writer, token("LONE-77", NOW), token("OTHER", NOW, sales_order="SO-1"))
    assert serials(await ask(["token_serial:contains:one-7"])) == ["LONE-77"]
    assert serials(await ask(["token_serial:contains:e-"])) == ["LONE-77"]
    assert serials(await ask(["token_serial:in:lone-77,other"])) == ["LONE-77", "OTHER"]


async def test_where_the_first_of_an_alternative_do_not_pass_no_later_one_is_missed(
    ask: Ask, writer: asyncpg.Connection
) -> None:
    shipped = date(2025, 12, 1)
    cells: dict[str, Any] = {"available_at": NOW}
    gone = [token(f"A{number}", NOW, sales_order="SO-1", gone_at=NOW, **cells) for number in range(8)]
    left = [token(f"B{number}", NOW, sales_order="SO-1", **cells) for number in range(8)]
    others = [token(f"C{number}", NOW, sales_order="SO-2", ship_date=shipped, **cells) for number in range(8)]
    await store(writer, *gone, *left, *others)
    filters = ["sales_order:is:SO-1", f"ship_date:is:{shipped}"]
    found = await _every_page(ask, NOW, filters=filters, match="any", limit="1")
    assert [row["token_serial"] for row in found] == [each.token_serial for each in (*left, *others)]


class _Disturbed:
    """A connection, after the first answer of which something is written."""

    def __init__(self, connection: Any, write: Callable[[], Awaitable[Any]]) -> None:
        self._connection = connection
        self._write: Callable[[], Awaitable[Any]] | None = write

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    async def fetch(self, sql: str, *arguments: object) -> Any:
        return await self._answered(self._connection.fetch(sql, *arguments))

    async def fetchval(self, sql: str, *arguments: object) -> Any:
        return await self._answered(self._connection.fetchval(sql, *arguments))

    async def _answered(self, answering: Awaitable[Any]) -> Any:
        answer = await answering
        write, self._write = self._write, None
        if write is not None:
            await write()
        return answer


async def test_a_page_that_takes_several_statements_is_of_one_moment(
    writer: asyncpg.Connection, database_url: str
) -> None:
    await store(writer, *(token(f"A{number}", NOW, org_id="ORG-1") for number in range(9)))
    for scope in (AllOrganizations(), Organizations(frozenset({"ORG-1"}))):
        for filters in (["status:is:New"], ["expiration_date:is_empty"]):
            pairs = [*(("filter", each) for each in filters), ("limit", "3")]
            request = read_page_request(pairs, scope, microseconds(NOW), PACIFIC)
            async with reading(database_url, statement_timeout_s=30) as connection, _undone(writer) as gone:
                found = await page.read_page(_Disturbed(connection, gone), request)  # type: ignore[arg-type]
            assert serials(found) == ["A0", "A1", "A2"], (scope, filters)
            assert found.next is not None, (scope, filters)


@asynccontextmanager
async def _undone(writer: asyncpg.Connection) -> AsyncIterator[Callable[[], Awaitable[Any]]]:
    """Has a token leave the report for a while."""
    yield lambda: writer.execute("update tokens set gone_at = new_at where token_serial = 'A1'")
    await writer.execute("update tokens set gone_at = null")
