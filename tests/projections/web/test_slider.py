"""The slider through time: dragged, it asks for one page after the other, and ends where it came to rest."""

import asyncio

import httpx
from playwright.async_api import Page, Route, expect

from tests.events import order, shipped
from tests.projections.explain.conftest import Record, clock, log, record, recorder, sql
from tests.projections.web.browsing import launched

__all__ = ["clock", "log", "record", "recorder", "sql"]


async def _on_the_slider(page: Page, client: httpx.AsyncClient) -> None:
    await page.goto(f"{client.base_url}/tokens/T1")
    await page.locator("#slider").focus()


async def test_a_drag_asks_for_one_page_at_a_time(record: Record, client: httpx.AsyncClient) -> None:
    await record(order(["T1"]), shipped(["T1"]))
    asked: list[Route] = []
    is_open = asyncio.Event()

    async def held(route: Route) -> None:
        asked.append(route)
        await is_open.wait()
        await route.continue_()

    async with launched() as browser:
        page = await browser.new_page()
        await _on_the_slider(page, client)
        await page.route("**as_of**", held)
        for _ in range(8):
            await page.keyboard.press("PageDown")
        await page.keyboard.press("Home")
        await expect(page.locator("#slider")).to_have_attribute(
            "aria-valuetext", "2026-01-07 04:00 Pacific Time"
        )
        assert len(asked) == 1
        is_open.set()
        await expect(page.locator(".verdict")).to_contain_text("In no report")
        assert len(asked) == 2
        assert "as_of=2026-01-07T" in page.url


async def test_where_the_service_is_away_the_slider_stands_where_the_page_does(
    record: Record, client: httpx.AsyncClient
) -> None:
    await record(order(["T1"]), shipped(["T1"]))
    async with launched() as browser:
        page = await browser.new_page()
        await _on_the_slider(page, client)
        before = await page.locator("#slider").input_value()
        await page.context.set_offline(True)
        await page.keyboard.press("Home")
        await expect(page.locator("#slider")).to_have_value(before)
        assert "as_of" not in page.url
