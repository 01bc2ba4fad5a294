"""The page of one service token, over events recorded as a worker does."""

from urllib.parse import quote

import httpx
import pytest

from tests.events import activated, applied, order, retracted, shipped, transferred
from tests.projections.explain.conftest import Record, clock, log, record, recorder, sql
from tests.projections.web.conftest import Open
from tests.projections.web.html import Element, problems_of

__all__ = ["clock", "log", "record", "recorder", "sql"]
NASTY = "ST/1 <b>&amp;\"'%_\\ ‮שלום/history"


def _moments(page: Element) -> list[str]:
    return [each.words for each in page.one("ol", class_="moments").all("li")]


async def test_the_timeline_tells_all_that_happened_in_order(record: Record, opened: Open) -> None:
    await record(
        order(["T1"]),
        shipped(["T1"]),
        applied("T1", "S1", station_name="Pier 3"),
        activated("S1"),
        transferred(["T1"]),
        transferred(["T1"], at="2026-05-02T16:00:00Z"),
    )
    page = await opened("/tokens/T1")
    assert _moments(page) == [
        "2026-01-10 00:00 Ordered on 2026-01-10, line 1 of SO-1",
        "2026-02-01 00:00 Shipped on 2026-02-01, shipment SH-1",
        "2026-03-02 08:00 Applied to station S1, Pier 3",
        "2026-03-05 08:00 Active the term started",
        "2026-05-01 09:00 Transferred from ORG-1 to ORG-2, Organization 2",
        "2026-05-02 09:00 Transfer refused from ORG-1 to ORG-2, Organization 2 (not_owner)",
        "2027-03-06 00:00 Expires 2027-03-05 is covered in full",
    ]
    titles = [each.text for each in page.one("svg", id="timeline").all("title")]
    assert titles == [
        "New, from 2026-01-10T08:00:00Z to 2026-02-01T08:00:00Z",
        "Available, from 2026-02-01T08:00:00Z to 2026-03-05T16:00:00Z",
        "Active, from 2026-03-05T16:00:00Z to 2027-03-06T08:00:00Z",
        "Expired, from 2027-03-06T08:00:00Z",
        "Organization 1 (ORG-1), from 2026-01-10T08:00:00Z to 2026-05-01T16:00:00Z",
        "Organization 2 (ORG-2), from 2026-05-01T16:00:00Z",
        "Pier 3 (S1), from 2026-03-02T16:00:00Z",
    ]


async def test_each_moment_leads_to_the_token_as_it_was_then(record: Record, opened: Open) -> None:
    await record(order(["T1"]), shipped(["T1"]), applied("T1", "S1"), activated("S1"))
    page = await opened("/tokens/T1")
    statuses = []
    for moment in page.one("ol", class_="moments").all("li"):
        then = await opened(moment.one("a")["href"])
        statuses.append(then.one("p", class_="verdict").words.split(" since")[0])
    assert statuses == ["New", "Available", "Available", "Active", "Expired"]


async def test_the_row_is_explained_cell_by_cell_with_its_facts(record: Record, opened: Open) -> None:
    await record(order(["T1"]), shipped(["T1"]))
    page = await opened("/tokens/T1")
    rows = {row.one("th").words: row for row in page.one("table", class_="facts").one("tbody").all("tr")}
    assert len(rows) == 22
    assert rows["Ship Date"].one("td", class_="value").words == "2026-02-01"
    cited = rows["Ship Date"].one("a", class_="cite")["href"].removeprefix("#")
    assert page.one("li", id=cited).words.startswith("2 shipment SH-1") or "shipment SH-1" in page.text


async def test_a_serial_of_any_characters_is_shown_as_it_is(
    record: Record, opened: Open, client: httpx.AsyncClient
) -> None:
    await record(order([NASTY]))
    address = f"/tokens/{quote(NASTY, safe='')}"
    page = await opened(address)
    assert page.one("h1").text == NASTY
    assert page.one("table", class_="facts").all("td", class_="value")[0].text == NASTY
    listed = await opened("/")
    assert [a["href"] for a in listed.one("tbody").all("a") if a.text == NASTY] == [address]
    history = await opened(f"{address}/history")
    assert history.one("li", class_="card").one("strong").words == "line 1 of SO-1"


async def test_a_token_that_nothing_names_is_a_404_that_says_so(opened: Open) -> None:
    page = await opened("/tokens/nobody", 404)
    assert "No event names a service token 'nobody'" in page.one("section", class_="told").words


async def test_a_token_of_which_nothing_counts_any_more_leads_to_its_history(
    record: Record, opened: Open
) -> None:
    placed = order(["T1"])
    await record(placed, retracted(placed))
    page = await opened("/tokens/T1", 404)
    history = await opened(page.one("section", class_="told").all("a")[0]["href"])
    assert "retracted" in history.one("li", class_="card").words


@pytest.mark.parametrize("wrong", ["as_of=yesterday", "colour=red"])
async def test_what_is_wrong_is_told_and_the_token_shown_as_it_is_now(
    record: Record, opened: Open, wrong: str
) -> None:
    await record(order(["T1"]))
    page = await opened(f"/tokens/T1?{wrong}", 422)
    assert problems_of(page)
    assert page.one("section", id="standing").words.startswith("As it is now: New")


async def test_an_instant_of_the_wall_clock_leads_to_the_address(
    record: Record, client: httpx.AsyncClient
) -> None:
    await record(order(["T1"]))
    answer = await client.get("/tokens/T1", params={"at.local": "2026-03-02T07:00"})
    assert answer.headers["location"] == "/tokens/T1?as_of=2026-03-02T15:00:00Z".replace(" ", "")
