"""Exports by the page, while they go wrong: what happened is said, and nothing is saved."""

import httpx
from playwright.async_api import Download, Page, Route, expect

from tests.projections.web.browsing import launched, violations_in_both_schemes


async def _export(page: Page, client: httpx.AsyncClient) -> list[Download]:
    saved: list[Download] = []
    page.on("download", lambda download: saved.append(download))
    await page.goto(str(client.base_url))
    await page.get_by_text("Export (all columns)", exact=True).click()
    await page.locator("details[open]").get_by_role("link", name="CSV").click()
    return saved


async def test_an_export_that_breaks_off_is_said_to_be(client: httpx.AsyncClient) -> None:
    async with launched() as browser:
        page = await browser.new_page()
        await page.route("**/api/export?**", lambda route: route.abort("connectionreset"))
        saved = await _export(page, client)
        told = page.locator("#export-progress .problem")
        await expect(told).to_contain_text("The export is not whole, and nothing was saved")
        assert saved == []
        assert await violations_in_both_schemes(page) == []
        await page.get_by_role("button", name="Close this message").click()
        await expect(told).to_have_count(0)


async def test_an_export_that_is_refused_says_why(client: httpx.AsyncClient) -> None:
    async with launched() as browser:
        page = await browser.new_page()
        problem = {"status": 503, "detail": "10 exports are running, as many as may"}
        await page.route("**/api/export?**", lambda route: route.fulfill(status=503, json=problem))
        saved = await _export(page, client)
        await expect(page.locator("#export-progress")).to_contain_text("10 exports are running")
        assert saved == []


async def test_an_export_can_be_stopped(client: httpx.AsyncClient) -> None:
    held: list[Route] = []
    async with launched() as browser:
        page = await browser.new_page()
        await page.route("**/api/export?**", lambda route: held.append(route))
        saved = await _export(page, client)
        await expect(page.get_by_role("progressbar", name="Export under way")).to_be_visible()
        await page.get_by_role("button", name="Stop").click()
        await expect(page.locator("#export-progress")).to_contain_text("stopped; nothing was saved")
        assert saved == []
