"""`tokens export`, run as its users run it."""

import asyncio
import os
import pty
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from projections.export.formats import Format
from tests.projections.export.reading import rows_of
from tests.projections.export.texts import TEXTS
from tests.projections.read.conftest import NOW
from tests.projections.read.stored import store, token
from tests.tokens.commands import tokens

FORMATS = [str(each) for each in Format]
AT = "2026-06-01T00:00:00Z"


@pytest.fixture
async def database(database_url: str, writer: asyncpg.Connection) -> dict[str, str]:
    await store(writer, *(token(f"{number:03}", NOW, description=text) for number, text in enumerate(TEXTS)))
    return {"TOKENS_DATABASE_URL": database_url, "TERM": "dumb"}


@pytest.fixture
async def trickle(writer: asyncpg.Connection) -> None:
    """A report of minutes, row by row; rows are long, so that each is sent by itself."""
    await writer.execute(
        """
        update tokens set description = repeat('x', 20000) where token_serial = '000';
        delete from tokens where token_serial <> '000';
        create or replace function service_tokens_at(as_of timestamptz) returns setof service_tokens
        language sql stable as $$
            select service_tokens.* from service_tokens, generate_series(1, 12000) as row,
                lateral (select pg_sleep(0.01 + 0 * row)) as pause
        $$
        """
    )


@pytest.mark.parametrize("format_", FORMATS)
def test_the_format_is_what_the_file_is_called(
    database: dict[str, str], tmp_path: Path, format_: str
) -> None:
    file = tmp_path / f"report.{format_.upper()}"
    options = ["--header", "keys"] if format_ in ("csv", "xlsx") else []
    options += ["--raw"] if format_ == "csv" else []
    done = tokens("export", "--as-of", AT, *options, "--output", str(file), settings=database)
    assert (done.returncode, done.stdout) == (0, "")
    assert f"exported {len(TEXTS)} tokens to {file}" in done.stderr
    assert [row["description"] for row in rows_of(format_, file.read_bytes())] == list(TEXTS)
    assert list(tmp_path.iterdir()) == [file]


def test_a_format_that_is_named_goes_before_the_file_s_name(database: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "report.csv"
    assert tokens("export", "--format", "parquet", "--output", str(file), settings=database).returncode == 0
    assert file.read_bytes().startswith(b"PAR1")
    other = tmp_path / "report.txt"
    assert tokens("export", "--output", str(other), settings=database).returncode == 0
    assert other.read_bytes().startswith(b"Token S/N,")


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--format", "jsonl", "--header", "keys"], "--header"),
        (["--format", "parquet", "--raw"], "--raw"),
        (["--output", "x.xlsx", "--raw"], "--raw"),
        (["--format", "xls"], "parquet"),
    ],
)
def test_what_means_nothing_to_a_format_is_refused(
    database: dict[str, str], options: list[str], named: str
) -> None:
    done = tokens("export", *options, settings=database)
    assert (done.returncode, done.stdout, named in done.stderr) == (2, "", True)
    assert not Path("x.xlsx").exists()


@pytest.mark.parametrize("format_", FORMATS)
async def test_when_postgres_ends_it_there_is_no_file(
    database: dict[str, str], writer: asyncpg.Connection, trickle: None, tmp_path: Path, format_: str
) -> None:
    kept = tmp_path / "kept.csv"
    kept.write_text("old")
    file = tmp_path / f"report.{format_}"
    export = subprocess.Popen(
        [sys.executable, "-m", "tokens", "export", "--output", str(file)],
        env={**os.environ, **database},
        stderr=subprocess.PIPE,
        text=True,
    )
    async with asyncio.timeout(60):
        while not any(path.stat().st_size for path in tmp_path.iterdir() if path != kept) and (
            format_ != "parquet" or not await writer.fetchval(f"select count(*) {_EXPORTS}")
        ):
            await asyncio.sleep(0.05)
    assert not file.exists()
    await writer.execute(f"select pg_terminate_backend(pid) {_EXPORTS}")
    _, words = await asyncio.to_thread(export.communicate, timeout=60)
    assert (export.returncode, "the export is not whole" in words) == (1, True)
    assert "Traceback" not in words
    assert [(path, path.read_text()) for path in tmp_path.iterdir()] == [(kept, "old")]


@pytest.mark.parametrize("format_", FORMATS)
def test_a_full_disk_is_a_sentence(database: dict[str, str], format_: str) -> None:
    done = tokens("export", "--format", format_, "--output", "/dev/full", settings=database)
    assert (done.returncode, "No space left" in done.stderr) == (1, True)
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("format_", ["xlsx", "parquet"])
def test_a_terminal_is_sent_no_binary_file(database: dict[str, str], format_: str) -> None:
    ours, theirs = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "tokens", "export", "--format", format_],
        env={**os.environ, **database},
        stdout=theirs,
        stderr=subprocess.PIPE,
        timeout=60,
        check=False,
    )
    os.close(theirs)
    os.close(ours)
    assert (done.returncode, b"--output" in done.stderr) == (2, True)


_EXPORTS = (
    "from pg_stat_activity where query like 'COPY%' and state = 'active' and datname = current_database()"
)
