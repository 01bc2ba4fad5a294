"""Where nothing matches: which filter to loosen, as far as there is time to find out."""

import asyncio
from typing import Any

import asyncpg
import pytest

import projections.web.loosening
from projections.query.page import read_count
from tests.projections.read.stored import store, token
from tests.projections.web.conftest import Open
from tests.projections.web.html import table_of
from tests.projections.web.test_list_page import AT

NOTHING = "filter=cloud_plan:is:nothing&filter=token_serial:contains:st"


@pytest.fixture
async def plans(writer: asyncpg.Connection) -> None:
    """Two tokens."""
    await store(writer, token("ST-1", AT, cloud_plan="Fleet"), token("ST-2", AT, cloud_plan="Home"))


async def test_the_filter_to_loosen_is_named(plans: None, opened: Open) -> None:
    told = (await opened(f"/?{NOTHING}")).one("section", class_="nothing")
    assert told.one("li").words == "2 tokens without Cloud Plan Is nothing"
    assert len(table_of(await opened(told.one("li").one("a")["href"]))) == 2
    assert "could not be tried" not in told.words


async def test_of_many_filters_each_is_tried(plans: None, opened: Open) -> None:
    many = "&".join(f"filter=token_serial:does_not_contain:x{each}" for each in range(30))
    told = (await opened(f"/?{many}&filter=cloud_plan:is:nothing")).one("section", class_="nothing")
    assert told.one("li").words == "2 tokens without Cloud Plan Is nothing"


async def test_where_one_is_not_enough_that_is_said(plans: None, opened: Open) -> None:
    told = (await opened("/?filter=cloud_plan:is:a&filter=org_id:is:b")).one("section", class_="nothing")
    assert told.words == "Nothing matches. Leaving out any one of the filters is not enough. Clear all"


async def test_what_could_not_be_found_in_time_is_said(
    plans: None, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projections.web.loosening, "BUDGET_S", 0.0)
    told = (await opened(f"/?{NOTHING}")).one("section", class_="nothing")
    assert told.words == "Nothing matches. Clear all 2 of 2 filters could not be tried in time."


async def test_where_time_is_short_the_filter_added_last_is_tried(
    plans: None, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projections.web.loosening, "BUDGET_S", 2.0)
    counted: list[int] = []

    async def once(*arguments: Any) -> int:
        if counted:
            await asyncio.Event().wait()
        counted.append(await read_count(*arguments))
        return counted[0]

    monkeypatch.setattr("projections.web.loosening.read_count", once)
    filters = "filter=token_serial:contains:st&filter=token_serial:contains:t&filter=cloud_plan:is:nothing"
    told = (await opened(f"/?{filters}")).one("section", class_="nothing")
    assert told.one("li").words == "2 tokens without Cloud Plan Is nothing"
    assert "2 of 3 filters could not be tried in time." in told.words


async def test_a_count_that_takes_too_long_is_stopped(
    plans: None, opened: Open, writer: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every count waits for a lock that another has; the page waits no longer than it may."""
    monkeypatch.setattr(projections.web.loosening, "BUDGET_S", 0.3)

    async def locked_out(connection: asyncpg.Connection, *arguments: object) -> int:
        async with writer.transaction():
            await writer.execute("lock table tokens")
            return await read_count(connection, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("projections.web.loosening.read_count", locked_out)
    told = (await opened(f"/?{NOTHING}")).one("section", class_="nothing")
    assert told.words == "Nothing matches. Clear all 2 of 2 filters could not be tried in time."
