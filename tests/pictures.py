"""Takes the pictures of `docs/` anew: `python -m tests.pictures http://HOST:PORT`, of a running `tokens demo`."""

import asyncio
import sys
from pathlib import Path

from playwright.async_api import Browser, Page

from tests.projections.web.browsing import launched

PICTURES = Path(__file__).parent.parent / "docs" / "pictures"
_DESK = {"width": 1280, "height": 720}
_PHONE = {"width": 390, "height": 720}


async def _opened(browser: Browser, address: str, size: dict[str, int], scheme: str = "light") -> Page:
    page = await browser.new_page(viewport=size, color_scheme=scheme)  # type: ignore[arg-type]
    await page.goto(address)
    await page.wait_for_load_state("networkidle")
    return page


async def _save(page: Page, name: str) -> None:
    await page.screenshot(path=PICTURES / f"{name}.png")
    await page.close()


async def take(site: str) -> None:
    """All of them. Nothing is written to the demo."""
    async with launched() as browser:
        columns = "token_serial,org_name,cloud_plan,station_name,activation_date,expiration_date,status"
        lapsing = "filter=expiration_date:after:today-1d&filter=expiration_date:before:today%2B91d"
        report = f"{site}/?{lapsing}&columns={columns}&sort=expiration_date"
        page = await _opened(browser, report, _DESK)
        await page.get_by_text("Add Filter", exact=True).click()
        await _save(page, "report")

        page = await _opened(browser, f"{site}/?filter=anomalies:contains:transfer_refused", _DESK)
        await page.locator("tbody th a").first.click()
        await page.wait_for_load_state("networkidle")
        await _save(page, "token")

        cover = (
            "station_serial,station_name,org_name,coverage,covered_until,active_token,queued_tokens,gap_since"
        )
        page = await _opened(browser, f"{site}/stations?columns={cover}&sort=station_name&limit=50", _DESK)
        await _save(page, "stations")

        page = await _opened(browser, f"{site}/?filter=status:is:Available&limit=50", _DESK)
        for row in range(2):
            await page.locator("tbody th input").nth(row).check()
        await page.get_by_role("button", name="Transfer Tokens").click()
        serials = page.get_by_label("Token S/N")
        await serials.fill(f"{await serials.input_value()}, ST-0")
        await page.get_by_label("To Org ID").fill("ORG-BAY")
        await page.get_by_label("To Org Name").fill("Bay Garages")
        await page.get_by_role("button", name="Preview").click()
        await page.set_viewport_size({"width": 1280, "height": 300})
        await _save(page, "transfer")

        await _save(await _opened(browser, report, _PHONE, "dark"), "phone")


if __name__ == "__main__":
    asyncio.run(take(sys.argv[1].rstrip("/")))
