"""Addresses where nothing is: a page for people, problem details for programs."""

import httpx
import pytest

from tests.projections.web.html import parse_html

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


async def test_a_browser_gets_a_page(client: httpx.AsyncClient) -> None:
    answer = await client.get("/nothing<here>", headers=BROWSER)
    assert answer.status_code == 404
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    told = parse_html(answer.text).one("section", class_="told")
    assert told.words == "404 Not Found There is nothing at /nothing<here>. Back to Service Tokens"


async def test_a_page_that_takes_forms_alone_says_so(client: httpx.AsyncClient) -> None:
    answer = await client.get("/results.csv", headers=BROWSER)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert "/results.csv takes POST, not GET." in parse_html(answer.text).one("section", class_="told").words


@pytest.mark.parametrize(("path", "accept"), [("/nothing", "*/*"), ("/api/nothing", BROWSER["accept"])])
async def test_a_program_gets_problem_details(client: httpx.AsyncClient, path: str, accept: str) -> None:
    answer = await client.get(path, headers={"accept": accept})
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"] == f"there is nothing at {path}; /openapi.json lists what there is"
