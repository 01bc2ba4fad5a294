"""`tokens diff`, run as its users run it."""

import json
from datetime import UTC, date, datetime

import asyncpg
import pytest

from tests.projections.read.serving import app_of, served
from tests.projections.read.stored import store, token
from tests.tokens.commands import tokens

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
MARCH = datetime(2026, 3, 1, tzinfo=UTC)
BETWEEN = ("--from", "2026-02-01T00:00:00Z", "--to", "2026-04-01T00:00:00Z")


@pytest.fixture
async def database(database_url: str, writer: asyncpg.Connection) -> dict[str, str]:
    await store(
        writer,
        token("A", BEGIN, active_at=MARCH, activation_date=date(2026, 2, 28)),
        token("B", BEGIN, gone_at=MARCH),
        token("C\x1b[31m", MARCH),
        token("D", BEGIN),
    )
    return {"TOKENS_DATABASE_URL": database_url, "COLUMNS": "80", "TERM": "dumb"}


def test_it_says_what_became_of_each_token(database: dict[str, str]) -> None:
    done = tokens("diff", *BETWEEN, "--count", settings=database)
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.rstrip() for line in done.stdout.splitlines()] == [
        "A",
        "  Activation Date (Pacific Time)  (empty) → 2026-02-28",
        "  Status                          New → Active",
        "B left the report",
        "C [31m appeared in the report",
        "3 of 3 tokens differ from 2026-02-01T00:00:00Z to 2026-04-01T00:00:00Z",
    ]


async def test_json_is_the_object_that_the_api_gives(database: dict[str, str], database_url: str) -> None:
    done = tokens(
        "diff", *BETWEEN, "--json", "--limit", "1", "--columns", "status,ship_date", settings=database
    )
    async with served(app_of(database_url)) as client:
        answer = await client.get(
            f"/api/diff?from={BETWEEN[1]}&to={BETWEEN[3]}&limit=1&columns=status,ship_date"
        )
    assert json.loads(done.stdout) == answer.json()
    rest = tokens(
        *("diff", "--columns", "status,ship_date", "--after", answer.json()["next"]), settings=database
    )
    assert rest.stdout.startswith("B left the report")


def test_a_wrong_option_is_named(database: dict[str, str]) -> None:
    done = tokens("diff", "--to", "yesterday", settings=database)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--from: `from` is missing" in done.stderr
    assert "--to: 'yesterday' is no instant" in done.stderr
