"""What a customer does in an afternoon, in Chromium, on what a worker recorded."""

import csv
from datetime import datetime
from pathlib import Path

import httpx
import openpyxl
import pytest
from playwright.async_api import Download, Page, expect

from tests.events import Json
from tests.projections.explain.conftest import Record, clock, log, record, recorder, sql
from tests.projections.read.conftest import NOW, microseconds
from tests.projections.web.browsing import cells, launched, violations
from tests.projections.web.companies import NASTY, company
from tests.reference.histories import ZONE
from tests.reference.rules import COLUMNS, rows_at

__all__ = ["clock", "log", "record", "recorder", "sql"]
AS_OF = microseconds(NOW)


@pytest.fixture
async def recorded(record: Record) -> list[Json]:
    """The events of the company, recorded."""
    events = company()
    await record(*events)
    return events


def _file_of(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))[1:]


def _expected(events: list[Json], columns: list[str], as_of: int = AS_OF) -> list[list[str]]:
    rows = rows_at(events, as_of, ZONE)
    return [["" if row[key] is None else str(row[key]) for key in columns] for _, row in sorted(rows.items())]


def _text(cell: object) -> str:
    if cell is None:
        return ""
    return cell.date().isoformat() if isinstance(cell, datetime) else str(cell)


async def _export(page: Page, label: str, kind: str = "CSV") -> Download:
    await page.get_by_text(label, exact=True).click()
    async with page.expect_download() as started:
        await page.locator("details[open]").get_by_role("link", name=kind).click()
    return await started.value


async def _filter(page: Page, column: str, operator: str, value: str) -> None:
    await page.get_by_text("Add Filter", exact=True).click()
    row = page.locator(".filter-row").last
    await row.get_by_label("Column").select_option(label=column)
    await row.get_by_label("Operator").select_option(label=operator)
    await row.get_by_label("Value").fill(value)
    await page.get_by_role("button", name="Apply Filters").click()


async def test_filter_hide_sort_share_and_export(
    recorded: list[Json], client: httpx.AsyncClient, tmp_path: Path
) -> None:
    async with launched() as browser:
        page = await browser.new_page()
        await page.goto(str(client.base_url))
        await expect(page.locator("#count")).to_have_text("9 tokens")
        assert [row[0] for row in await cells(page)] == [
            row[0] for row in _expected(recorded, ["token_serial"])
        ]

        # Filter: one filter, then another beside it, then without the first.
        await _filter(page, "Org Name", "Contains", "harbor")
        await expect(page.locator("#count")).to_have_text("7 tokens")
        await _filter(page, "Status", "Is", "active")
        await expect(page.locator("#count")).to_have_text("2 tokens")
        assert [row[0] for row in await cells(page)] == ["ST-1", "ST-6"]
        await page.get_by_role("link", name="Remove the filter Status").click()
        await expect(page.locator("#count")).to_have_text("7 tokens")

        # Hide and move columns.
        await page.get_by_text("Show/Hide Columns", exact=True).click()
        for title in ("Part No.", "Description", "Customer ID"):
            await page.get_by_role("checkbox", name=title, exact=True).uncheck()
        for _ in range(2):
            await page.get_by_role("button", name="Move Term (Years) to the left").click()
        await page.get_by_role("button", name="Show these").click()
        await page.wait_for_url("**columns=**")
        heads = await page.locator("table.list thead th").all_inner_texts()
        assert heads[:3] == ["Token S/N", "Term (Years)", "Cloud Plan"]
        assert len(heads) == 19

        # Sort.
        await page.get_by_role("link", name="Expiration Date (Pacific Time)").click()
        await page.get_by_role("link", name="Expiration Date (Pacific Time)").click()
        await expect(page.get_by_role("columnheader", name="Expiration")).to_have_attribute(
            "aria-sort", "descending"
        )
        shown = await cells(page)
        assert [row[0] for row in shown][:3] == ["ST-6", "ST-1", "ST-8"]

        # Share: a colleague who has nothing but the address sees the same.
        colleague = await (await browser.new_context()).new_page()
        await colleague.goto(page.url)
        assert await cells(colleague) == shown

        # Export the visible columns, and all.
        download = await _export(page, "Export (visible columns)")
        assert download.suggested_filename == "service-tokens-20260601T000000Z.csv"
        await download.save_as(tmp_path / "visible.csv")
        assert _file_of(tmp_path / "visible.csv") == shown
        download = await _export(page, "Export (all columns)")
        await download.save_as(tmp_path / "all.csv")
        harbor = [row for row in _expected(recorded, list(COLUMNS)) if row[7] == "Harbor Parking"]
        assert sorted(_file_of(tmp_path / "all.csv")) == harbor
        download = await _export(page, "Export (visible columns)", "Excel")
        await download.save_as(tmp_path / "visible.xlsx")
        sheet = openpyxl.load_workbook(tmp_path / "visible.xlsx").worksheets[0]
        assert [
            [_text(cell) for cell in row] for row in sheet.iter_rows(min_row=2, values_only=True)
        ] == shown
        await expect(page.locator("#export-progress")).to_contain_text(
            "service-tokens-20260601T000000Z.csv: "
        )

        # Back goes where one was.
        await page.go_back()
        await expect(page.get_by_role("columnheader", name="Expiration")).to_have_attribute(
            "aria-sort", "ascending"
        )


async def test_as_of_and_the_life_of_one_token(recorded: list[Json], client: httpx.AsyncClient) -> None:
    async with launched() as browser:
        page = await browser.new_page()
        await page.goto(f"{client.base_url}/?columns=token_serial,status")
        await page.get_by_label("As of").fill("2026-03-03T12:00")
        await page.get_by_role("button", name="Show", exact=True).click()
        await page.wait_for_url("**as_of=**")
        earlier = microseconds(NOW.replace(month=3, day=3, hour=20))
        assert await cells(page) == _expected(recorded, ["token_serial", "status"], earlier)
        await page.get_by_role("link", name="Back to now").click()
        await expect(page.locator("#count")).to_have_text("9 tokens")
        assert await cells(page) == _expected(recorded, ["token_serial", "status"])

        await page.get_by_role("link", name="ST-2", exact=True).click()
        await expect(page.locator(".verdict")).to_contain_text("Active")
        await page.locator("#slider").focus()
        await page.keyboard.press("Home")
        await expect(page.locator(".verdict")).to_contain_text("In no report")
        assert "as_of=" in page.url
        await page.get_by_role("link", name="2026-02-01 00:00 Shipped").click()
        await expect(page.locator(".verdict")).to_contain_text("Available")
        assert await violations(page) == []


async def test_bars_filter_views_are_kept_and_wrong_things_stay(
    recorded: list[Json], client: httpx.AsyncClient
) -> None:
    async with launched() as browser:
        page = await browser.new_page()
        await page.goto(str(client.base_url))
        await page.get_by_role("link", name="Available").click()
        await expect(page.locator("#count")).to_have_text("2 tokens")
        await page.get_by_role("link", name="transfer_refused").click()
        assert [row[0] for row in await cells(page)] == ["ST-3"]

        # A view: an address under a name, kept and deleted in this browser.
        await page.get_by_text("Views", exact=True).click()
        await page.get_by_label("Name", exact=True).fill("<b>refused</b>")
        await page.get_by_role("button", name="Save").click()
        await page.goto(str(client.base_url))
        await page.get_by_text("Views", exact=True).click()
        await page.get_by_role("link", name="<b>refused</b>").click()
        assert [row[0] for row in await cells(page)] == ["ST-3"]
        await page.get_by_text("Views", exact=True).click()
        await page.get_by_role("button", name="Delete the view <b>refused</b>").click()
        await expect(page.locator("[data-views] li")).to_have_count(0)
        await page.keyboard.press("Escape")

        # Only operators that fit a column are offered; a wrong value is told beside its field, and stays in it.
        await page.goto(str(client.base_url))
        await page.get_by_text("Add Filter", exact=True).click()
        row = page.locator(".filter-row").last
        await row.get_by_label("Column").select_option(label="Token S/N")
        operators = row.get_by_label("Operator").locator("option:not([hidden])")
        assert "Before" not in await operators.all_text_contents()
        await row.get_by_label("Column").select_option(label="Order Date")
        assert "Before" in await operators.all_text_contents()
        await row.get_by_label("Operator").select_option(label="Before")
        await row.get_by_label("Value").fill("<yesterday>")
        await page.get_by_role("button", name="Apply Filters").click()
        await expect(page.locator(".filter-row .problem")).to_contain_text("'<yesterday>' is no date")
        await expect(page.get_by_label("Value").first).to_have_value("<yesterday>")
        assert await violations(page) == []


async def test_text_of_any_kind_is_shown_as_it_is(recorded: list[Json], client: httpx.AsyncClient) -> None:
    async with launched() as browser:
        page = await browser.new_page()
        failed: list[str] = []
        page.on("console", lambda message: failed.append(message.text))
        page.on("pageerror", lambda error: failed.append(str(error)))
        await page.goto(str(client.base_url))
        await _filter(page, "Cloud Plan", "Contains", "100% <b>")
        [row] = await cells(page)
        assert row[0] == NASTY
        assert row[2] == "100% <b>Fleet</b>"
        assert row[3] == '=1+1, "two"\nlines'
        await page.get_by_role("link", name="ST-9").click()
        await expect(page.locator("h1")).to_have_text(NASTY)
        assert failed == []


async def test_by_keyboard_the_table_is_two_steps_away(
    recorded: list[Json], client: httpx.AsyncClient
) -> None:
    async with launched() as browser:
        page = await browser.new_page()
        await page.goto(str(client.base_url))
        for key in ("Tab", "Tab", "Enter"):
            await page.keyboard.press(key)
        await expect(page.get_by_role("region", name="Service Tokens")).to_be_focused()
        await page.keyboard.press("Tab")
        await expect(page.get_by_label("Select all on this page")).to_be_focused()


async def test_bars_that_lead_nowhere_are_drawn_beside_their_names(
    recorded: list[Json], client: httpx.AsyncClient
) -> None:
    async with launched() as browser:
        page = await browser.new_page()
        await page.goto(f"{client.base_url}/?filter=status:is:New&filter=anomalies:is_not_empty&match=any")
        name = page.locator(".anomalies .name", has_text="transfer_refused")
        assert await name.evaluate("name => name.scrollWidth <= name.clientWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
async def test_axe_finds_nothing(
    recorded: list[Json], client: httpx.AsyncClient, scheme: str, width: int
) -> None:
    found: dict[str, list[str]] = {}
    async with launched() as browser:
        page = await browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
        for path in (
            "/?filter=status:is:Active&columns=all,anomalies",
            "/?filter=status:before:x&sort=nope",
            "/?filter=status:is:New&filter=org_id:is:nobody",
            "/stations",
            "/orders",
            "/tokens/ST-3",
            "/tokens/ST-3/history",
            "/tokens/nobody",
            "/nothing-is-here",
            "/?as_of=yesterday&columns=nope",
            "/summary",
            "/summary?filter=nope",
            "/?filter=status:is:New&filter=status:is:Active&match=any",
            "/transfer",
            "/apply",
        ):
            await page.goto(f"{client.base_url}{path}")
            await page.wait_for_load_state("networkidle")
            for sheet in await page.locator("details.panel > summary").all():
                await sheet.click()
                found[f"{path} {await sheet.inner_text()}"] = await violations(page)
                await page.keyboard.press("Escape")
            found[path] = await violations(page)
            assert await page.evaluate("document.documentElement.scrollWidth") <= width, path
    assert {path: each for path, each in found.items() if each} == {}


async def test_all_of_it_works_without_a_script(recorded: list[Json], client: httpx.AsyncClient) -> None:
    async with launched() as browser:
        page = await (await browser.new_context(java_script_enabled=False)).new_page()
        await page.goto(str(client.base_url))
        await _filter(page, "Org Name", "Contains", "bay")
        assert await page.locator("tbody tr").count() == 2
        await page.get_by_text("Show/Hide Columns", exact=True).click()
        await page.get_by_role("button", name="Move Part No. to the left").click()
        assert (await page.locator("thead th").all_inner_texts())[0] == "Part No."
        await page.get_by_role("link", name="Part No.").click()
        assert await page.locator("thead th").first.get_attribute("aria-sort") == "ascending"
        await page.get_by_role("link", name="Count, statuses").click()
        assert await page.locator("#count").inner_text() == "2 tokens"
