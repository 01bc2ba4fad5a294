"""`tokens query` and `tokens export`, run as their users run them."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from tests.projections.read.conftest import NOW
from tests.projections.read.serving import NOWHERE, app_of, served
from tests.projections.read.stored import store, token
from tests.tokens.commands import tokens

AT = "2026-06-01T00:00:00Z"


@pytest.fixture
async def database(database_url: str, writer: asyncpg.Connection) -> dict[str, str]:
    await store(
        writer,
        token(
            "ST-1", NOW, cloud_plan="Commercial", org_name="Acme", station_name="two\nlines \x1b[31m[bold]"
        ),
        token("ST-2", NOW, cloud_plan="Assure", customer_name="株式会社", anomalies=["order_missing"]),
        token("ST-3", NOW, description="=1+1"),
    )
    return {"TOKENS_DATABASE_URL": database_url, "COLUMNS": "80", "TERM": "dumb"}


def test_a_table_fits_the_terminal(database: dict[str, str]) -> None:
    for width in (40, 80, 120, 300):
        done = tokens("query", "--as-of", AT, settings={**database, "COLUMNS": str(width)})
        assert (done.returncode, done.stderr) == (0, "")
        table = done.stdout.split("\n\n")[0].splitlines()
        assert max(map(len, table)) <= width
        assert {"ST-1", "ST-2", "ST-3"} < set(done.stdout.split())
        assert "New" in done.stdout
        assert f"3 tokens as of {AT}" in done.stdout
    assert "all: --columns all" not in done.stdout
    assert "Pacific" in done.stdout


def test_columns_that_do_not_fit_stand_below_each_other(database: dict[str, str]) -> None:
    done = tokens("query", "--as-of", AT, "--columns", "all,anomalies", "--limit", "2", settings=database)
    lines = done.stdout.splitlines()
    assert [line.split()[-1] for line in lines if line.startswith("Token S/N")] == ["ST-1", "ST-2"]
    assert len([line for line in lines if line.startswith("Status")]) == 2
    assert any(line.split() == ["Anomalies", "order_missing"] for line in lines)
    assert any(line.split() == ["Customer", "Name", "株式会社"] for line in lines)


def test_a_cell_cannot_drive_the_terminal(database: dict[str, str]) -> None:
    done = tokens("query", "--as-of", AT, "--columns", "station_name,token_serial", settings=database)
    assert "two lines  [31m[bold]" in done.stdout
    assert "\x1b" not in done.stdout


def test_pages_are_followed_with_after(database: dict[str, str]) -> None:
    options = ["query", "--as-of", AT, "--sort", "-token_serial", "--columns", "token_serial"]
    first = tokens(*options, "--limit", "2", "--count", settings=database)
    assert f"2 of 3 tokens as of {AT}" in first.stdout
    cursor = first.stdout.split("--after ")[1].strip()
    second = tokens(*options, "--after", cursor, settings=database)
    assert "ST-1" in second.stdout
    assert "ST-3" not in second.stdout


async def test_json_is_the_object_that_the_api_gives(database: dict[str, str], database_url: str) -> None:
    done = tokens(
        *("query", "--json", "--as-of", AT, "--limit", "1", "--count", "--columns", "all,anomalies"),
        *("--filter", "cloud_plan:is_not_empty", "--filter", "status:is:new", "--match", "all"),
        *("--sort", "-cloud_plan"),
        settings=database,
    )
    params = (
        f"as_of={AT}&limit=1&count=true&columns=all,anomalies&match=all&sort=-cloud_plan"
        "&filter=cloud_plan:is_not_empty&filter=status:is:new"
    )
    async with served(app_of(database_url)) as client:
        answer = await client.get(f"/api/tokens?{params}")
    assert json.loads(done.stdout) == answer.json()
    assert answer.json()["count"] == 2


def test_nothing_found_is_no_failure(database: dict[str, str]) -> None:
    done = tokens("query", "--filter", "token_serial:is:none", "--as-of", AT, settings=database)
    assert (done.returncode, done.stdout) == (0, f"0 tokens as of {AT}\n")


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["query", "--filter", "plan:is:x"], "cloud_plan"),
        (["query", "--filter", "status:is:Activ"], "Expired"),
        (["query", "--columns", "plan"], "cloud_plan"),
        (["query", "--sort", "plan"], "cloud_plan"),
        (["query", "--match", "some"], "any"),
        (["query", "--limit", "5000"], "1000"),
        (["query", "--as-of", "yesterday"], "--as-of"),
        (["query", "--after", "xyz"], "--after"),
        (["query", "--nope"], "--nope"),
        (["export", "--format", "pdf"], "csv"),
        (["export", "--header", "none"], "keys"),
        (["export", "--limit", "5"], "--limit"),
        (["export", "--columns", "plan"], "cloud_plan"),
    ],
)
def test_wrong_options_are_usage_and_name_what_exists(
    database: dict[str, str], options: list[str], named: str
) -> None:
    done = tokens(*options, settings=database)
    assert (done.returncode, done.stdout) == (2, "")
    assert named in done.stderr
    assert "Traceback" not in done.stderr


def test_every_wrong_option_is_named_at_once(database: dict[str, str]) -> None:
    done = tokens("query", "--limit", "0", "--filter", "x", "--sort", "y", settings=database)
    assert all(option in done.stderr for option in ("--limit", "--filter", "--sort"))


def test_a_url_that_is_none_is_a_sentence() -> None:
    done = tokens("query", settings={"TOKENS_DATABASE_URL": "nonsense"})
    assert (done.returncode, "URL cannot be used" in done.stderr) == (1, True)
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["query", "export"])
def test_a_database_that_is_away_is_a_sentence(command: str) -> None:
    done = tokens(command, settings={"TOKENS_DATABASE_URL": NOWHERE})
    assert (done.returncode, done.stdout) == (1, "")
    assert "the database cannot be reached" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_export_goes_to_standard_output(database: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tokens", "export", "--as-of", AT, "--columns", "token_serial,description"],
        env={**os.environ, **database},
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert done.stdout == b"Token S/N,Description\r\nST-1,\r\nST-2,\r\nST-3,'=1+1\r\n"
    assert done.stderr == b""


def test_an_export_goes_to_a_file(database: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "report.csv"
    file.write_text("old")
    options = ("--format", "csv", "--header", "keys", "--raw", "--sort=-token_serial", "--as-of", AT)
    done = tokens("export", *options, "--columns", "all", "--output", str(file), settings=database)
    assert (done.returncode, done.stdout) == (0, "")
    assert f"exported 3 tokens to {file}" in done.stderr
    with file.open(newline="", encoding="utf-8") as content:
        rows = list(csv.DictReader(content))
    assert [row["token_serial"] for row in rows] == ["ST-3", "ST-2", "ST-1"]
    assert rows[0]["description"] == "=1+1"
    assert list(tmp_path.iterdir()) == [file]


@pytest.fixture
async def no_report(writer: asyncpg.Connection) -> None:
    await writer.execute("drop function service_tokens_at")


def test_an_export_that_fails_leaves_the_file_as_it_was(
    database: dict[str, str], no_report: None, tmp_path: Path
) -> None:
    file = tmp_path / "report.csv"
    file.write_text("old")
    done = tokens("export", "--output", str(file), settings=database)
    assert done.returncode == 1
    assert "not whole" in done.stderr
    assert [(path, path.read_text()) for path in tmp_path.iterdir()] == [(file, "old")]


@pytest.mark.parametrize("name", ["", "missing/report.csv"])
def test_a_file_that_cannot_be_written_is_a_sentence(
    database: dict[str, str], tmp_path: Path, name: str
) -> None:
    done = tokens("export", "--output", str(tmp_path / name), settings=database)
    assert done.returncode == 1
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_device_is_written_to_and_not_replaced(database: dict[str, str]) -> None:
    assert (
        tokens("export", "--output", "/dev/stdout", "--as-of", AT, settings=database).stdout.count("\r\n")
        == 4
    )
    full = tokens("export", "--output", "/dev/full", settings=database)
    assert (full.returncode, "No space left" in full.stderr) == (1, True)


@pytest.fixture
async def more_than_a_pipe_holds(writer: asyncpg.Connection) -> None:
    await writer.execute(
        """
        insert into tokens
            (token_serial, description, new_at, span_starts_at, sequence, fold_version, digest, facts)
        select lpad(number::text, 8, '0'), repeat('x', 400), $1, $1, 1, 1, '', ''
        from generate_series(1, 5000) as number
        """,
        NOW,
    )


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize(
    "command", [["export"], ["query", "--limit", "1000"], ["query", "--limit", "1000", "--json"]]
)
def test_a_reader_that_goes_away_is_no_matter_and_no_success(
    database: dict[str, str], more_than_a_pipe_holds: None, command: list[str], unbuffered: str
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "tokens", *command],
        env={**os.environ, **database, "PYTHONUNBUFFERED": unbuffered},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.read(10)
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(timeout=30) == 1
