"""`tokens query` and `tokens export` with `--list`, run as their users run them."""

from pathlib import Path

import pytest

from tests import events
from tests.projections.lists.conftest import Record
from tests.tokens.commands import tokens

AT = "2026-07-01T12:00:00Z"


@pytest.fixture
async def database(database_url: str, record: Record) -> dict[str, str]:
    await record(
        events.order(lines=[events.order_line(["T1"], quantity=2)]), events.applied(), events.activated()
    )
    return {"TOKENS_DATABASE_URL": database_url, "COLUMNS": "100", "TERM": "dumb"}


def test_stations_are_shown_as_a_table(database: dict[str, str]) -> None:
    done = tokens("query", "--list", "stations", "--as-of", AT, settings=database)
    assert (done.returncode, done.stderr) == (0, "")
    assert {"S1", "Covered", "2027-03-05", "T1"} < set(done.stdout.split())
    assert f"1 station as of {AT}" in done.stdout
    assert "of the 11 columns; all: --columns all" in done.stdout


def test_order_lines_are_shown_as_a_table(database: dict[str, str]) -> None:
    done = tokens("query", "--list", "orders", "--filter", "missing:is:1", "--count", settings=database)
    assert (done.returncode, done.stderr) == (0, "")
    assert {"SO-1", "Not", "shipped"} < set(done.stdout.split())
    assert "1 of 1 order lines as of" in done.stdout


def test_a_list_is_written_to_a_file(database: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "gaps.csv"
    done = tokens(
        *("export", "--list", "stations", "--as-of", "2028-01-01T00:00:00Z"),
        *("--columns", "station_serial,gap_since", "--output", str(file)),
        settings=database,
    )
    assert done.stderr == f"exported 1 station to {file}\n"
    assert file.read_bytes() == b"Station S/N,Gap Since (Pacific Time)\r\nS1,2027-03-06\r\n"


def test_a_list_that_does_not_exist_is_refused(database: dict[str, str]) -> None:
    done = tokens("query", "--list", "letters", settings=database)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--list: no list is called 'letters' (there are: tokens, stations, orders)" in done.stderr
