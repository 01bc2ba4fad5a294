"""Limits, counts and cursors."""

import asyncpg
import pytest

from projections.query.refusal import BadQuery
from projections.query.scope import Organizations
from tests.projections.read.conftest import NOW, Ask, serials
from tests.projections.read.stored import MICROSECOND, store, token


@pytest.fixture(autouse=True)
async def tokens(writer: asyncpg.Connection) -> None:
    await store(
        writer, *(token(f"T{number}", NOW, org_id="ORG", term_years=number // 2) for number in range(6))
    )


async def test_a_page_has_a_hundred_rows_unless_told_otherwise(ask: Ask, writer: asyncpg.Connection) -> None:
    await store(writer, *(token(f"U{number:03}", NOW) for number in range(95)))
    page = await ask()
    assert (len(page.rows), page.next is None, page.count) == (100, False, None)
    assert len((await ask(limit="1000")).rows) == 101


async def test_the_last_page_says_so_though_it_is_full(ask: Ask) -> None:
    assert (await ask(limit="6")).next is None
    assert (await ask(limit="5")).next is not None


async def test_the_count_is_of_the_whole_list_on_every_page(ask: Ask) -> None:
    page = await ask(limit="4", count="true")
    assert page.count == 6
    rest = await ask(limit="4", count="true", after=str(page.next))
    assert (serials(rest), rest.count) == (["T4", "T5"], 6)
    assert (await ask(count="false")).count is None


async def test_a_cursor_pins_the_instant(ask: Ask, writer: asyncpg.Connection) -> None:
    page = await ask(limit="2", as_of="2026-06-01T00:00:00Z")
    await store(writer, token("T2-later", NOW + MICROSECOND))
    assert serials(await ask(after=str(page.next))) == ["T2", "T3", "T4", "T5"]
    assert serials(await ask(after=str(page.next), as_of="2026-06-01T02:00:00+02:00")) == [
        "T2",
        "T3",
        "T4",
        "T5",
    ]
    with pytest.raises(BadQuery, match="another instant"):
        await ask(after=str(page.next), as_of="2026-06-01T00:00:00.000001Z")
    later = await ask(limit="2", as_of="2026-06-01T00:00:00.000001Z")
    assert serials(await ask(after=str(later.next))) == ["T2", "T2-later", "T3", "T4", "T5"]


async def test_a_cursor_goes_on_where_a_row_has_gone(ask: Ask, writer: asyncpg.Connection) -> None:
    page = await ask(limit="3", sort="term_years")
    await writer.execute("delete from tokens where token_serial = 'T2'")
    assert serials(await ask(after=str(page.next), sort="term_years")) == ["T3", "T4", "T5"]


async def test_a_cursor_may_be_followed_with_other_columns_and_limits(ask: Ask) -> None:
    page = await ask(limit="4", columns="token_serial")
    rest = await ask(limit="1", columns="status,token_serial", after=str(page.next))
    assert rest.rows == [{"status": "New", "token_serial": "T4"}]


@pytest.mark.parametrize(
    ("filters", "others"),
    [
        ([], {}),
        (["status:is:Expired"], {"sort": "term_years"}),
        (["status:is:New"], {}),
        (["status:is:New"], {"sort": "-term_years"}),
        (["status:is:New"], {"sort": "status"}),
        (["status:is:New"], {"sort": "term_years", "match": "any"}),
        (["status:is:New", "org_id:is:ORG"], {"sort": "term_years"}),
    ],
)
async def test_a_cursor_belongs_to_its_query(ask: Ask, filters: list[str], others: dict[str, str]) -> None:
    page = await ask(["status:is:New"], sort="term_years", limit="2")
    assert len((await ask(["status:is:New"], sort="term_years", after=str(page.next))).rows) == 4
    with pytest.raises(BadQuery, match="belongs to another query") as refused:
        await ask(filters, after=str(page.next), **others)
    assert refused.value.refusals[0].parameter == "after"


async def test_a_cursor_belongs_to_the_organizations_in_scope(ask: Ask) -> None:
    page = await ask(scope=Organizations(frozenset({"ORG"})), limit="2")
    assert len((await ask(scope=Organizations(frozenset({"ORG"})), after=str(page.next))).rows) == 4
    for other in (None, Organizations(frozenset({"ORG", "ORG-2"}))):
        with pytest.raises(BadQuery, match="belongs to another query"):
            await ask(scope=other, after=str(page.next))


async def test_a_cursor_that_was_altered_in_any_character_is_refused(ask: Ask) -> None:
    cursor = str((await ask(limit="2", sort="-order_date")).next)
    for place in range(len(cursor)):
        altered = cursor[:place] + ("A" if cursor[place] != "A" else "B") + cursor[place + 1 :]
        with pytest.raises(BadQuery):
            await ask(sort="-order_date", after=altered)
    for altered in (
        "",
        cursor[:-1],
        cursor + "A",
        cursor + "=",
        " " + cursor,
        cursor + "\n",
        "é",
        "AAAA",
        "A",
    ):
        with pytest.raises(BadQuery):
            await ask(sort="-order_date", after=altered)


async def test_one_text_alone_stands_for_a_place(ask: Ask, writer: asyncpg.Connection) -> None:
    await store(writer, token("A", NOW), token("AA", NOW), token("AAA", NOW))
    for limit in ("1", "2", "3"):
        cursor = str((await ask(limit=limit)).next)
        for last in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".replace(
            cursor[-1], ""
        ):
            with pytest.raises(BadQuery):
                await ask(after=cursor[:-1] + last)


@pytest.mark.parametrize("limit", ["", "0", "-1", "1001", "1e2", "10.0", " 5", "٥", "9" * 5000, "true"])
async def test_a_limit_is_a_whole_number_up_to_1000(ask: Ask, limit: str) -> None:
    with pytest.raises(BadQuery, match="1 to 1000"):
        await ask(limit=limit)


@pytest.mark.parametrize("count", ["", "yes", "1", "True"])
async def test_count_is_true_or_false(ask: Ask, count: str) -> None:
    with pytest.raises(BadQuery, match="true or false"):
        await ask(count=count)


@pytest.mark.parametrize("columns", ["", "nope", "status,", "token_serial, status", "ALL"])
async def test_a_wrong_column_is_refused_and_names_them_all(ask: Ask, columns: str) -> None:
    with pytest.raises(BadQuery, match="no column is called") as refused:
        await ask(columns=columns)
    assert {"all", "token_serial", "anomalies"} < set(refused.value.refusals[0].allowed)


async def test_a_column_named_twice_is_refused(ask: Ask) -> None:
    for columns in ("status,status", "all,status"):
        with pytest.raises(BadQuery, match="'status' is named twice"):
            await ask(columns=columns)


async def test_columns_come_in_the_order_asked_for(ask: Ask) -> None:
    page = await ask(columns="status,anomalies,token_serial", limit="1")
    assert list(page.rows[0].items()) == [("status", "New"), ("anomalies", []), ("token_serial", "T0")]


@pytest.mark.parametrize("sort", ["", "-", "nope", "--status", "+status", "status,org_id", "Status"])
async def test_a_wrong_sort_is_refused_and_names_the_columns(ask: Ask, sort: str) -> None:
    with pytest.raises(BadQuery, match="no column is called") as refused:
        await ask(sort=sort)
    assert "expiration_date" in refused.value.refusals[0].allowed


async def test_every_wrong_parameter_is_named_at_once(ask: Ask) -> None:
    with pytest.raises(BadQuery) as refused:
        await ask(
            ["a:b:c", "status:is:x"], limit="0", sort="x", columns="y", as_of="z", match="w", count="v", u="t"
        )
    names = [refusal.parameter for refusal in refused.value.refusals]
    assert sorted(names) == sorted(
        ["filter", "filter", "limit", "sort", "columns", "as_of", "match", "count", "u"]
    )
