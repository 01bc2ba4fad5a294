"""`tokens verify` as its users run it."""

import asyncpg
import pytest

from lifecycle.calendar import Calendar
from projections.recorder import PostgresRecorder
from tests import events
from tests.projections.recorder.log import Log
from tests.reference.histories import ZONE
from tests.tokens.commands import tokens
from tokens import clock


@pytest.fixture
async def environment(database_url: str) -> dict[str, str]:
    """The test's own database with three tokens, as variables."""
    recorder = PostgresRecorder(database_url, Calendar(ZONE), clock.now)
    await recorder.open()
    log = Log()
    await log.begin(recorder)
    await recorder.record(log.batch(events.order(["T1", "T2", "T3"]), events.shipped(["T1"])))
    await recorder.close()
    return {"TOKENS_DATABASE_URL": database_url, "TOKENS_KAFKA": "unused:9092"}


def test_it_says_how_much_was_verified(environment: dict[str, str]) -> None:
    done = tokens("verify", settings=environment)
    assert (done.returncode, done.stdout, done.stderr) == (0, "3 tokens, 2 events verified\n", "")


async def test_it_names_what_differs(environment: dict[str, str], database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    await connection.execute("update tokens set org_id = 'ORG-9'")
    await connection.close()
    done = tokens("verify", "--limit", "2", "--passes", "2", settings=environment)
    assert done.returncode == 1
    lines = sorted(done.stdout.splitlines())
    assert len(lines) == 2
    assert all(line.endswith(": org_id is 'ORG-9', the journal says 'ORG-1'") for line in lines)
    assert done.stderr == "tokens: 3 differences in 3 tokens, 2 events, the first 2 of them above\n"
    assert tokens("rebuild", settings=environment).returncode == 0
    assert tokens("verify", settings=environment).returncode == 0


def test_a_rebuild_that_is_due_is_told(environment: dict[str, str]) -> None:
    done = tokens("verify", settings={**environment, "TOKENS_ZONE": "Asia/Kathmandu"})
    assert (done.returncode, done.stdout) == (1, "3 tokens, 2 events verified\n")
    assert done.stderr.startswith("a rebuild is due: rows are folded with rules 2, zone America/Los_Angeles")


def test_a_database_that_is_away_is_told_in_a_sentence() -> None:
    settings = {"TOKENS_DATABASE_URL": "postgresql://x@127.0.0.1:1/none", "TOKENS_KAFKA": "unused:9092"}
    done = tokens("verify", settings=settings)
    assert done.returncode == 1
    assert done.stderr.startswith("tokens: nothing is verified: ")
    assert done.stderr.count("\n") == 1
