"""Debian's Chromium, and what the tests ask of a page in it."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Literal

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, async_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")


def chromium() -> str:
    """The browser's path. Without one the test is left out, which on a CI machine is a failure."""
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found is not None:
        return found
    reason = "there is no Chromium to try the pages in; install it (Debian: apt-get install chromium)"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@asynccontextmanager
async def launched() -> AsyncIterator[Browser]:
    """A browser of the test's own."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=_ARGUMENTS)
        try:
            yield browser
        finally:
            await browser.close()


async def violations(page: Page) -> list[str]:
    """What axe finds on the page, with the first element of each."""
    found: dict[str, Any] = (await Axe().run(page)).response
    return [f"{each['id']}: {each['nodes'][0]['html']}" for each in found["violations"]]


async def violations_in_both_schemes(page: Page) -> list[str]:
    """What axe finds in the light and in the dark; the page stays dark."""
    found = []
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for scheme in schemes:
        await page.emulate_media(color_scheme=scheme)
        found += [f"{scheme}: {each}" for each in await violations(page)]
    return found


async def cells(page: Page) -> list[list[str]]:
    """The table as it is shown."""
    rows: list[list[str]] = await page.eval_on_selector_all(
        "table.list tbody tr", "rows => rows.map(row => [...row.cells].map(cell => cell.textContent))"
    )
    return rows
