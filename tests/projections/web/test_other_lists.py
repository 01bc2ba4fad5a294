"""The pages of stations and of order lines: the page of the report over another list."""

from tests.events import activated, applied, order, order_line, shipped
from tests.projections.explain.conftest import Record, clock, log, record, recorder, sql
from tests.projections.web.conftest import Open
from tests.projections.web.html import problems_of, table_of

__all__ = ["clock", "log", "record", "recorder", "sql"]


async def _recorded(record: Record) -> None:
    await record(
        order(["T1"], lines=[order_line(["T1", "T2"], quantity=5)]),
        shipped(["T1"]),
        applied("T1", "S1", station_name="Pier 3"),
        activated("S1"),
        applied("T2", "S1"),
        activated("S2", at="2026-05-02T16:00:00Z", token="T9"),
    )


async def test_stations_are_listed_with_their_cover(record: Record, opened: Open) -> None:
    await _recorded(record)
    page = await opened("/stations?columns=station_serial,coverage,active_token,queued_tokens")
    assert table_of(page) == [["S1", "Covered", "T1", ""], ["S2", "Gap", "", ""]]
    assert page.one("h1").words == "Stations"
    assert page.all("input", type="checkbox", name="serial") == []


async def test_a_station_leads_to_its_tokens_and_they_to_it(record: Record, opened: Open) -> None:
    await _recorded(record)
    page = await opened("/stations?filter=station_serial:is:S1")
    tokens = await opened(page.one("tbody").one("tr").one("th").one("a")["href"])
    assert [row[0] for row in table_of(tokens)] == ["T1", "T2"]
    back = next(link for link in tokens.one("tbody").all("a") if link.text == "S1")
    assert [row[0] for row in table_of(await opened(back["href"]))] == ["S1"]


async def test_order_lines_are_listed_and_lead_to_their_tokens(record: Record, opened: Open) -> None:
    await _recorded(record)
    page = await opened("/orders?columns=sales_order,line,quantity,named,shipped,missing")
    assert table_of(page) == [["SO-1", "1", "5", "2", "1", "3"]]
    tokens = await opened(page.one("tbody").one("a")["href"])
    assert [row[0] for row in table_of(tokens)] == ["T1", "T2"]


async def test_what_is_wrong_is_told_with_the_columns_of_that_list(opened: Open) -> None:
    page = await opened("/stations?filter=token_serial:is:T1", 422)
    [told] = problems_of(page.all("li", class_="filter-row")[0])
    assert "no column is called 'token_serial'" in told.lower()
    assert "covered_until" in told


async def test_what_is_not_all_on_the_page_is_counted_later(record: Record, opened: Open) -> None:
    await _recorded(record)
    page = await opened("/stations?limit=1&filter=coverage:in:Gap,Covered")
    assert page.one("p", id="count").words == "1 station on this page"
    part = await opened(page.one("div", hidden="")["data-later"])
    assert part.one("p", data_into="count").words == "2 stations"
    counted = await opened(page.one("noscript").one("a")["href"])
    assert counted.one("p", id="count").words == "2 stations"
