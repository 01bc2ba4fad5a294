"""The pages that write, without a broker: filling in, looking before, and what is refused."""

import re
from typing import Any

import httpx
import pytest

from tests.events import order
from tests.projections.explain.conftest import Record, clock, log, record, recorder, sql
from tests.projections.web.html import Element, parse_html

__all__ = ["clock", "log", "record", "recorder", "sql"]
ODD = "ST, 9; odd"


async def _send(client: httpx.AsyncClient, path: str, status: int = 200, **fields: object) -> Element:
    answer = await client.post(path, data=fields)
    assert answer.status_code == status, answer.text
    return parse_html(answer.text)


def _results(page: Element) -> list[list[str]]:
    rows = page.one("div", class_="results").one("tbody").all("tr")
    return [[each.words for each in row.children if isinstance(each, Element)] for row in rows]


@pytest.fixture
async def tokens(record: Record) -> None:
    """Three of Organization 1, one with a serial that holds separators."""
    await record(order(["T1", "T2", ODD]))


async def test_rows_selected_and_serials_pasted_are_taken_with_any_separators(
    tokens: None, client: httpx.AsyncClient
) -> None:
    page = await _send(client, "/transfer", serial=["T1", ODD])
    assert page.one("textarea", id="serials").text == f"\nT1\n{ODD}"
    fields: dict[str, Any] = {"to_org_id": "ORG-2", "to_org_name": "Two", "step": "preview"}
    page = await _send(client, "/transfer", serials=f"T1, T2;nope\tT1\r\n{ODD} \n\n", **fields)
    assert [row[0] for row in _results(page)] == ["T1", "T2", "nope", ODD]


async def test_a_preview_says_what_would_happen_to_each_and_why_not(
    tokens: None, client: httpx.AsyncClient
) -> None:
    fields: dict[str, Any] = {
        "serials": "T1 nope",
        "to_org_id": "ORG-2",
        "to_org_name": "<b>Two</b>",
        "step": "preview",
    }
    page = await _send(client, "/transfer", **fields)
    [first, second] = _results(page)
    assert first[1] == "accepted"
    assert first[2].startswith("Goes from Organization 1 (ORG-1) to <b>Two</b> (ORG-2) at ")
    assert second[1:] == ["refused", "unknown_tokenNo event that you may see names a service token nope."]
    assert page.one("button", value="do").words == "Transfer Tokens (1)"
    kept = page.one("form", class_="confirm")
    assert kept.one("textarea", name="serials").text == "\nT1\nnope"
    assert kept.one("input", name="to_org_name")["value"] == "<b>Two</b>"
    back = await _send(client, "/transfer", **{**fields, "step": "change"})
    assert back.one("input", id="to-org-name")["value"] == "<b>Two</b>"


async def test_what_is_wrong_is_told_beside_its_field_and_stays(client: httpx.AsyncClient) -> None:
    page = await _send(client, "/transfer", 422, serials="", to_org_id="x" * 200, at="soon", step="preview")
    wrong = [
        each.attributes.get("name")
        for tag in ("input", "textarea")
        for each in page.all(tag, aria_invalid="true")
    ]
    assert sorted(str(name) for name in wrong) == ["at", "to_org_id"]
    assert page.one("input", id="to-org-id")["value"] == "x" * 200
    described = page.one("input", id="to-org-id")["aria-describedby"]
    told = page.one("div", id=described).words
    assert told.startswith("Identifiers have at most 128 characters"), "no names that only programs know"


async def test_which_of_many_serials_is_wrong_is_told(client: httpx.AsyncClient) -> None:
    fields = {"to_org_id": "A", "to_org_name": "B", "step": "preview"}
    page = await _send(client, "/transfer", 422, serials=f"T1 {'x' * 129} T3", **fields)
    described = page.one("textarea", id="serials")["aria-describedby"]
    assert page.one("div", id=described).words.startswith("Number 2: identifiers have at most 128")


async def test_nothing_to_transfer_is_told_beside_the_serials(client: httpx.AsyncClient) -> None:
    page = await _send(
        client, "/transfer", 422, serials=" \n", to_org_id="A", to_org_name="B", step="preview"
    )
    assert page.one("textarea", id="serials")["aria-invalid"] == "true"


async def test_applications_are_rows_or_lines(tokens: None, client: httpx.AsyncClient) -> None:
    page = await _send(client, "/apply", serial=["T1", "T2"])
    assert [each["value"] for each in page.all("input", name="serial")] == ["T1", "T2", "", "", ""]
    fields: dict[str, Any] = {
        "serial": ["T1", "", ""],
        "station_serial": ["CP-1", "", ""],
        "evse_id": ["", "", ""],
        "station_name": ["Pier, 1", "", ""],
        "pasted": "T2\tCP-2\t\tPier; 2\nnope, CP-3, E3, Name, of",
        "step": "preview",
    }
    page = await _send(client, "/apply", **fields)
    assert [row[:2] for row in _results(page)] == [
        ["T1", "accepted"],
        ["T2", "accepted"],
        ["nope", "refused"],
    ]
    kept = page.one("form", class_="confirm")
    names = [each["value"] for each in kept.all("input", name="station_name")]
    assert names == ["Pier, 1", "Pier; 2", "Name, of"]


async def test_a_row_without_a_station_is_told_below_it(client: httpx.AsyncClient) -> None:
    page = await _send(client, "/apply", 422, serial=["T1", "T2"], station_serial=["S1", ""], step="preview")
    [marked] = page.all("input", aria_invalid="true")
    assert marked["aria-label"] == "Station S/N, row 2"
    assert page.one("div", id=marked["aria-describedby"]).words == "Station S/N: Fill it in."


async def test_without_a_broker_it_is_said_and_the_key_stays(tokens: None, client: httpx.AsyncClient) -> None:
    fields: dict[str, Any] = {
        "serials": "T1",
        "to_org_id": "ORG-2",
        "to_org_name": "Two",
        "step": "do",
        "key": "k-1",
    }
    page = await _send(client, "/transfer", 503, **fields)
    assert "started without Kafka" in page.one("div", class_="problem").words
    assert page.one("input", name="key")["value"] == "k-1"


@pytest.mark.parametrize("path", ["/transfer", "/apply", "/results.csv"])
async def test_a_page_of_another_site_may_send_nothing(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.post(path, data={"serials": "T1"}, headers={"Origin": "https://example.org"})
    assert answer.status_code == 403
    assert "A page of https://example.org may not do this" in answer.text


async def test_only_forms_are_taken(client: httpx.AsyncClient) -> None:
    assert (await client.post("/transfer", json={"serials": "T1"})).status_code == 415
    assert (await client.post("/transfer", data={"serials": "a\0b"})).status_code == 422
    headers = {"content-type": "application/x-www-form-urlencoded"}
    assert (await client.post("/transfer", content=b"serials=%ff", headers=headers)).status_code == 422


async def test_pages_let_nothing_in_from_elsewhere(client: httpx.AsyncClient) -> None:
    for path in ("/", "/stations", "/orders", "/transfer", "/apply", "/tokens/nobody", "/summary"):
        answer = await client.get(path)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy
        assert "unsafe" not in policy
        for address in re.findall(r'(?:src|href|action)="([^"]*)"', answer.text):
            assert address.startswith(("/", "#")), address
        assert " style=" not in answer.text
        assert not re.search(r"<script(?![^>]* src=)", answer.text)
