"""`tokens journal` as its users run it."""

import json

import pytest

from lifecycle.calendar import Calendar
from projections.recorder import PostgresRecorder
from tests import events
from tests.projections.recorder.log import Log
from tests.reference.histories import ZONE
from tests.tokens.commands import tokens
from tokens import clock


@pytest.fixture
def environment(database_url: str) -> dict[str, str]:
    """The test's own database, as variables."""
    return {"TOKENS_DATABASE_URL": database_url, "TOKENS_KAFKA": "unused:9092"}


async def test_it_prints_lines_and_tells_their_number_apart(
    database_url: str, environment: dict[str, str]
) -> None:
    recorder = PostgresRecorder(database_url, Calendar(ZONE), clock.now)
    await recorder.open()
    log = Log()
    await log.begin(recorder)
    given = [events.order(["T1"]), events.order(["T2"], sales_order="SO-2"), events.activated("S1")]
    await recorder.record(log.batch(*given))
    await recorder.close()
    done = tokens("journal", settings=environment)
    assert (done.returncode, done.stderr) == (0, "printed 3 events\n")
    assert [json.loads(line) for line in done.stdout.splitlines()] == given
    for options, expected in (
        (("--serial", "T2"), given[1:2]),
        (("--order", "SO-1", "--line", "1"), given[:1]),
        (("--topic", "orders", "--from-offset", "1", "--to-offset", "2"), given[1:2]),
        (("--recorded-to", "2020-01-01T00:00:00Z"), []),
        (("--source", events.FIRMWARE, "--recorded-from", "2020-01-01T00:00:00Z"), given[2:]),
    ):
        done = tokens("journal", *options, settings=environment)
        assert [json.loads(line) for line in done.stdout.splitlines()] == expected, (options, done.stderr)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("--line", "1"), "give --order"),
        (("--from-offset", "1"), "give --topic"),
        (("--recorded-to", "2026-01-01"), "--recorded-to 2026-01-01: "),
    ],
)
def test_what_makes_no_sense_is_told(
    options: tuple[str, ...], complaint: str, environment: dict[str, str]
) -> None:
    done = tokens("journal", *options, settings=environment)
    assert done.returncode == 2
    assert complaint in done.stderr
