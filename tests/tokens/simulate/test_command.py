"""`tokens simulate` on the command line: what it writes where, and what it says when it cannot."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from tests.tokens.simulate.conftest import UNTIL
from tokens.commands.simulate import simulate
from tokens.failure import Failure, UsageFailure
from tokens.simulate import stream
from tokens.simulate.options import Options, parse_until

app = typer.Typer()
app.command()(simulate)
SMALL = ["--seed", "3", "--tokens", "40", "--until", "2026-03-02"]
SMALL_OPTIONS = Options(seed=3, tokens=40, days=800, until=UNTIL)


def _expected(options: Options) -> bytes:
    return b"".join(line + b"\n" for line in stream.simulate(options))


def test_standard_output_and_a_file_get_the_same_lines(tmp_path: Path) -> None:
    file = tmp_path / "events.ndjson"
    printed = CliRunner().invoke(app, SMALL)
    written = CliRunner().invoke(app, [*SMALL, "--output", str(file)])
    assert (printed.exit_code, written.exit_code) == (0, 0)
    assert printed.stdout_bytes == file.read_bytes() == _expected(SMALL_OPTIONS)
    assert written.stdout_bytes == b""
    assert list(tmp_path.iterdir()) == [file]


def test_today_is_the_end_where_none_is_given() -> None:
    printed = CliRunner().invoke(app, ["--seed", "3", "--tokens", "40"])
    today = parse_until(datetime.now(UTC).date().isoformat())
    assert printed.stdout_bytes == _expected(Options(seed=3, tokens=40, days=800, until=today))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--tokens", "0"], "--tokens must be 1 to 10,000,000, not 0"),
        (["--days", "0"], "--days must be 1 or more, not 0"),
        (["--days", "100000"], "events of other years are refused"),
        (["--until", "yesterday"], "'yesterday' is neither a date"),
        (["--until", "2026-03-02T07:00:00"], "nor an instant with a zone"),
        (["--until", "2026-02-30"], "'2026-02-30' is neither a date"),
        (["--bad", "some"], "'some' is neither a number of messages"),
    ],
)
def test_what_cannot_be_simulated_is_a_wrong_use(arguments: list[str], sentence: str) -> None:
    result = CliRunner().invoke(app, arguments)
    assert isinstance(result.exception, UsageFailure)
    assert sentence in str(result.exception)


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    for target in (tmp_path, tmp_path / "nowhere" / "events.ndjson"):
        result = CliRunner().invoke(app, [*SMALL, "--output", str(target)])
        assert isinstance(result.exception, Failure)
        assert str(target) in str(result.exception)
    assert list(tmp_path.iterdir()) == []


def test_a_file_keeps_what_it_had_when_the_simulation_breaks_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(*_: object) -> None:
        raise OSError(28, "No space left on device")

    file = tmp_path / "events.ndjson"
    file.write_text("before")
    monkeypatch.setattr("tokens.commands.simulate._write", no_room)
    result = CliRunner().invoke(app, [*SMALL, "--output", str(file)])
    assert isinstance(result.exception, Failure)
    assert "No space left on device" in str(result.exception)
    assert file.read_text() == "before"
    assert list(tmp_path.iterdir()) == [file]
