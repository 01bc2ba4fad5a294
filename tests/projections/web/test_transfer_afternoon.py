"""Transfer Tokens in Chromium: through Kafka and a worker into the report, and back."""

import csv
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Page, expect

from projections.http.app import create_app
from tests.faults.workers import Worker
from tests.projections.read.serving import served
from tests.projections.web.browsing import cells, launched, violations_in_both_schemes
from tests.projections.web.companies import NASTY, company
from tokens import clock
from tokens.settings import Settings


@pytest.fixture
async def client(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the whole service: Kafka, a worker, and the API as it is started."""
    assert settings.kafka is not None
    assert settings.database_url is not None
    worker = Worker(settings)
    await worker.until_ready()
    app = create_app(
        settings.database_url,
        settings.zone,
        clock.now,
        kafka=settings.kafka,
        topic_prefix=settings.topic_prefix,
    )
    async with served(app) as client:
        answer = await client.post(
            "/api/events?wait=30",
            json=company(),
            headers={"content-type": "application/cloudevents-batch+json"},
            timeout=60,
        )
        assert answer.is_success, answer.text
        yield client
    worker.command.close()


async def _is_owned_by(page: Page, client: httpx.AsyncClient, org_id: str) -> list[str]:
    await page.goto(f"{client.base_url}/?filter=org_id:is:{org_id}&columns=token_serial")
    return [row[0] for row in await cells(page)]


async def test_transfer_with_a_refused_serial_and_undo(client: httpx.AsyncClient, tmp_path: Path) -> None:
    async with launched() as browser:
        page = await browser.new_page()
        page.set_default_timeout(60_000)
        await page.goto(f"{client.base_url}/?filter=token_serial:in:ST-1,ST-2")
        await page.get_by_label("Select all on this page").check()
        await page.get_by_role("button", name="Transfer Tokens").click()
        serials = page.get_by_label("Token S/N")
        await serials.fill(f"{await serials.input_value()}; ST-4")
        await page.get_by_label("To Org ID").fill("ORG-2")
        await page.get_by_label("To Org Name").fill("Bay Garages")
        await page.get_by_role("button", name="Preview").click()
        await expect(page.locator("h2")).to_have_text("2 of 3 would be transferred")
        told = await cells(page)
        assert [row[:2] for row in told] == [["ST-1", "accepted"], ["ST-2", "refused"], ["ST-4", "accepted"]]
        assert told[1][2].startswith("same_org")
        await page.set_viewport_size({"width": 390, "height": 800})
        assert await page.eval_on_selector(".results", "region => region.scrollWidth <= region.clientWidth")
        assert await violations_in_both_schemes(page) == []

        # A double click does it once.
        await page.get_by_role("button", name="Transfer Tokens (2)").dblclick()
        await expect(page.locator("h2")).to_have_text("2 of 3 transferred")
        await expect(page.get_by_role("status")).to_contain_text("The report shows it.")
        assert await violations_in_both_schemes(page) == []
        results = page.url
        async with page.expect_download() as started:
            await page.get_by_role("button", name="Download the results (CSV)").click()
        await (await started.value).save_as(tmp_path / "results.csv")
        with (tmp_path / "results.csv").open(newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file))
        assert [row[:3] for row in rows[1:]] == [
            ["ST-1", "accepted", ""],
            ["ST-2", "refused", "same_org"],
            ["ST-4", "accepted", ""],
        ]
        colleague = await browser.new_page()
        assert await _is_owned_by(colleague, client, "ORG-2") == ["ST-1", "ST-2", "ST-4", NASTY]
        await colleague.goto(f"{client.base_url}/tokens/ST-1")
        await expect(colleague.locator(".moments li", has_text="Transfer")).to_have_count(1)

        # Undo is a transfer back, filled in.
        assert page.url == results
        await page.get_by_role("button", name="Undo: 2 back to Harbor Parking").click()
        await expect(page.get_by_label("Token S/N")).to_have_value("ST-1\nST-4")
        await page.get_by_role("button", name="Preview").click()
        await page.get_by_role("button", name="Transfer Tokens (2)").click()
        await expect(page.locator("h2")).to_have_text("2 of 2 transferred")
        await expect(page.get_by_role("status")).to_contain_text("The report shows it.")
        assert await _is_owned_by(colleague, client, "ORG-2") == ["ST-2", NASTY]

        # Apply one of them.
        await page.goto(f"{client.base_url}/?filter=token_serial:is:ST-4&columns=token_serial,station_serial")
        await page.get_by_label("Select ST-4").check()
        await page.get_by_role("button", name="Apply Tokens").click()
        await page.get_by_label("Station S/N, row 1").fill("CP-44")
        assert await violations_in_both_schemes(page) == []
        await page.get_by_role("button", name="Preview").click()
        await expect(page.locator("h2")).to_have_text("1 of 1 would be applied")
        assert await violations_in_both_schemes(page) == []
        await page.get_by_role("button", name="Apply Tokens (1)").click()
        await expect(page.get_by_role("status")).to_contain_text("The report shows it.")
        assert await violations_in_both_schemes(page) == []
        await page.goto(f"{client.base_url}/?filter=token_serial:is:ST-4&columns=token_serial,station_serial")
        assert await cells(page) == [["ST-4", "CP-44"]]
