"""`tokens rebuild`, and the rebuild that `tokens up` does by itself."""

from pathlib import Path

from lifecycle.calendar import Calendar
from projections.recorder import PostgresRecorder
from tests import events
from tests.projections.recorder.log import Log
from tests.tokens.commands import tokens
from tokens import clock
from tokens.settings import Settings
from tokens.up.embedded_servers import EmbeddedServers


async def recorded(database_url: str, zone: str) -> None:
    """One token, recorded by a worker of that zone."""
    recorder = PostgresRecorder(database_url, Calendar(zone), clock.now)
    await recorder.open()
    log = Log()
    await log.begin(recorder)
    await recorder.record(log.batch(events.order(["T1"])))
    await recorder.close()


async def test_the_command_says_what_it_did(database_url: str) -> None:
    await recorded(database_url, "Asia/Kathmandu")
    settings = {"TOKENS_DATABASE_URL": database_url, "TOKENS_KAFKA": "unused:9092"}
    done = tokens("rebuild", settings=settings)
    assert (done.returncode, done.stdout, done.stderr) == (
        0,
        "rebuilt 1 tokens: 1 rows were written, 0 announcements made\n",
        "",
    )
    again = tokens("rebuild", settings=settings)
    assert again.stdout == "rebuilt 1 tokens: 0 rows were written, 0 announcements made\n"


def test_a_database_that_is_away_is_told_in_a_sentence() -> None:
    settings = {"TOKENS_DATABASE_URL": "postgresql://x@127.0.0.1:1/none", "TOKENS_KAFKA": "unused:9092"}
    done = tokens("rebuild", settings=settings)
    assert done.returncode == 1
    assert done.stderr.startswith("tokens: the rebuild was interrupted")
    assert done.stderr.count("\n") == 1


async def test_up_rebuilds_before_it_is_ready(settings: Settings, tmp_path: Path) -> None:
    assert settings.database_url is not None
    await recorded(settings.database_url, "Asia/Kathmandu")
    said: list[str] = []
    for _ in range(2):
        await EmbeddedServers(settings, tmp_path, said.append).start()
    assert [each.partition(":")[0] for each in said] == ["rebuilding all rows", "rebuilt 1 tokens"]
