"""Counts above the table: under its filters, each bar leading to the rows behind it."""

from dataclasses import replace
from datetime import UTC, date, datetime

import asyncpg

from tests.projections.read.stored import store, token
from tests.projections.web.conftest import Open
from tests.projections.web.html import Element, problems_of, table_of

AT = datetime(2026, 1, 1, tzinfo=UTC)


async def _stored(writer: asyncpg.Connection) -> None:
    started = {"active_at": AT}
    await store(
        writer,
        token("ST-1", AT, cloud_plan="Fleet"),
        token("ST-2", AT, cloud_plan="Fleet", anomalies=["order_missing"]),
        replace(token("ST-3", AT, expiration_date=date(2027, 3, 31), **started), cloud_plan="Fleet"),
        replace(token("ST-4", AT, expiration_date=date(2027, 3, 1), **started), cloud_plan="Home"),
    )


def _bars(page: Element, title: str) -> dict[str, Element]:
    section = page.one("section", aria_labelledby=title)
    return {each.words: each for each in section.all("li")}


async def test_the_page_asks_for_the_bars_of_its_own_filters_and_instant(
    writer: asyncpg.Connection, opened: Open
) -> None:
    await _stored(writer)
    page = await opened("/?filter=cloud_plan:is:Fleet&sort=status")
    later = page.one("div", class_="glance-place")["data-later"]
    assert later == ("/summary-part?filter=cloud_plan:is:Fleet&sort=status&now=2026-06-01T00:00:00Z")
    part = await opened(later)
    assert part.one("p", data_into="count").words == "3 tokens"
    assert list(_bars(part, "by-status")) == ["New 2", "Available 0", "Active 1", "Expired 0"]
    assert list(_bars(part, "by-anomaly")) == ["order_missing 1"]
    months = _bars(part, "by-month")
    assert len(months) == 24
    assert "1 expire in March 2027 M" in months


async def test_each_bar_leads_to_the_rows_behind_it(writer: asyncpg.Connection, opened: Open) -> None:
    await _stored(writer)
    part = await opened("/summary-part?filter=cloud_plan:is:Fleet&columns=token_serial&match=any")
    rows = {}
    for title in ("by-status", "by-month", "by-anomaly"):
        for words, bar in _bars(part, title).items():
            for link in bar.all("a"):
                rows[words] = [row[0] for row in table_of(await opened(link["href"]))]
    assert rows == {
        "New 2": ["ST-1", "ST-2"],
        "Active 1": ["ST-3"],
        "1 expire in March 2027 M": ["ST-3"],
        "order_missing 1": ["ST-2"],
    }


async def test_without_a_script_the_counts_are_a_page_of_their_own(
    writer: asyncpg.Connection, opened: Open
) -> None:
    await _stored(writer)
    page = await opened("/?filter=cloud_plan:is:Home")
    summary = await opened(page.all("noscript")[0].one("a")["href"])
    assert summary.one("p", id="count").words == "1 token"
    back = summary.one("main").all("a")[0]["href"]
    assert back == "/?filter=cloud_plan:is:Home"
    assert "Cloud Plan Is Home" in summary.one("main").words


async def test_where_filters_are_joined_by_any_no_bar_can_be_added(
    writer: asyncpg.Connection, opened: Open
) -> None:
    await _stored(writer)
    part = await opened("/summary-part?filter=cloud_plan:is:Home&filter=cloud_plan:is:Fleet&match=any")
    assert part.one("p", data_into="count").words == "4 tokens"
    assert part.all("a") == []
    assert part.one("p", class_="dead").words.startswith("With Match any a bar cannot narrow the table")


async def test_where_bars_lead_somewhere_nothing_else_is_said(
    writer: asyncpg.Connection, opened: Open
) -> None:
    await _stored(writer)
    for filters in ("", "filter=cloud_plan:is:Home&match=any", "filter=cloud_plan:is:none"):
        assert (await opened(f"/summary-part?{filters}")).all("p", class_="dead") == []


async def test_where_there_are_as_many_filters_as_can_be_no_bar_can_be_added(opened: Open) -> None:
    filters = "&".join(["filter=cloud_plan:is_not:None"] * 100)
    part = await opened(f"/summary-part?{filters}")
    assert part.one("p", class_="dead").words.endswith("there are as many filters as there can be.")


async def test_what_is_wrong_is_told(opened: Open) -> None:
    page = await opened("/summary-part?filter=nope", 422)
    assert "No column is called 'nope'" in page.one("main").words
    assert problems_of(page) == []
