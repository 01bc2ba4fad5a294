"""`tokens explain`, run as its users run it."""

import json

import httpx
import pytest

from tests import events
from tests.projections.explain.conftest import Record
from tests.tokens.commands import tokens

AT = "2026-06-01T00:00:00Z"


@pytest.fixture
async def database(database_url: str, record: Record) -> dict[str, str]:
    applied = events.applied("T1", "S1", station_name="two\nlines \x1b[31m")
    await record(events.order(["T1", "-x"]), applied, events.activated("S1"))
    return {"TOKENS_DATABASE_URL": database_url}


def test_a_token_is_explained(database: dict[str, str]) -> None:
    done = tokens("explain", "T1", "--as-of", AT, settings=database)
    assert (done.returncode, done.stderr) == (0, "")
    first, *rest = done.stdout.splitlines()
    assert first == f"T1 is Active since 2026-03-05T16:00:00Z, as of {AT}."
    assert any(line.startswith("  Next: it expires 2027-03-05, at the end of that day") for line in rest)
    assert any(line.split() == ["Activation", "Date", "(Pacific", "Time)", "2026-03-05"] for line in rest)
    assert any(line.endswith("from orders/0, offset 1") for line in rest)
    assert any(line.split(":")[0].strip() == "shipment_missing" for line in rest)
    assert "\x1b" not in done.stdout
    assert max(map(len, rest)) <= 120


async def test_json_is_the_object_that_the_api_gives(
    database: dict[str, str], client: httpx.AsyncClient
) -> None:
    done = tokens("explain", "T1", "--as-of", AT, "--json", settings=database)
    answer = await client.get("/api/tokens/T1", params={"as_of": AT})
    assert json.loads(done.stdout) == answer.json()


def test_a_serial_may_look_like_an_option(database: dict[str, str]) -> None:
    done = tokens("explain", "--as-of", AT, "--", "-x", settings=database)
    assert done.stdout.startswith("-x is New since ")


def test_an_unknown_serial_is_a_sentence(database: dict[str, str]) -> None:
    done = tokens("explain", "T2", settings=database)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "tokens: no event names a service token 'T2'\n"


def test_a_wrong_instant_is_usage(database: dict[str, str]) -> None:
    done = tokens("explain", "T1", "--as-of", "yesterday", settings=database)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--as-of" in done.stderr
