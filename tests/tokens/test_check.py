"""`tokens check`, without any server."""

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from schemas.envelope import Event, parse
from tests import events
from tests.reference import rules
from tests.reference.histories import ZONE, random_history
from tests.reference.instants import instant
from tests.tokens.commands import tokens
from tokens.checking import seen
from tokens.checking.seen import First, Seen
from tokens.checking.verdicts import Kind, verdicts
from tokens.publishing.lines import Line

ORDER = events.order(["T1", "T2"])
NOWHERE: dict[str, str] = {"TOKENS_DATA": "/nonexistent/data", "COLUMNS": "120", "TERM": "dumb"}


def written(folder: Path, *lines: bytes | events.Json) -> str:
    """A file of these lines."""
    file = folder / "events.ndjson"
    texts = (line if isinstance(line, bytes) else events.encoded(line) for line in lines)
    file.write_bytes(b"\n".join(texts) + b"\n")
    return str(file)


def judged(*values: bytes) -> list[tuple[Kind, str | None, int | None]]:
    """Verdict, rule and first line of each."""
    lines = [Line(number, value, whole=True) for number, value in enumerate(values, 1)]
    return [
        (each.kind, each.invalid.rule if each.invalid else None, each.first_line) for each in verdicts(lines)
    ]


def test_each_bad_line_is_named_with_its_rule_and_place(tmp_path: Path) -> None:
    wrong = events.with_data(ORDER, order_date="soon")
    done = tokens("check", written(tmp_path, ORDER, b"", b"{", wrong), settings=NOWHERE)
    assert (done.returncode, done.stderr) == (1, "")
    first, second, summary = done.stdout.splitlines()
    assert first.startswith("line 3: not_json at the message: ")
    assert second.startswith("line 4: not_date at /data/order_date: ")
    assert summary == "checked 3: 1 good, 0 repeated, 2 bad"


def test_a_good_file_is_good(tmp_path: Path) -> None:
    done = tokens("check", written(tmp_path, ORDER, events.applied()), settings=NOWHERE)
    assert (done.returncode, done.stdout) == (0, "checked 2: 2 good, 0 repeated, 0 bad\n")
    empty = tokens("check", "-", settings=NOWHERE, stdin=b"\n\n")
    assert (empty.returncode, empty.stdout) == (0, "checked 0: 0 good, 0 repeated, 0 bad\n")


def test_repeats_are_told_and_other_content_is_bad() -> None:
    other = events.with_data(ORDER, org_id="ORG-9")
    later = {**ORDER, "time": "2026-05-01T00:00:00Z"}
    elsewhere = {**ORDER, "source": "urn:other"}
    values = [events.encoded(each) for each in (ORDER, later, other, elsewhere, ORDER, other)]
    assert judged(*values) == [
        (Kind.GOOD, None, None),
        (Kind.REPEAT, None, 1),
        (Kind.BAD, "other_content", 1),
        (Kind.GOOD, None, None),
        (Kind.REPEAT, None, 1),
        (Kind.BAD, "other_content", 1),
    ]


def test_what_was_refused_takes_no_id() -> None:
    wrong = events.encoded(events.with_data(ORDER, order_date="soon"))
    kinds = [kind for kind, _, _ in judged(wrong, events.encoded(ORDER), wrong)]
    assert kinds == [Kind.BAD, Kind.GOOD, Kind.BAD]


def test_repeats_and_other_content_are_said_in_sentences(tmp_path: Path) -> None:
    other = events.with_data(ORDER, org_id="ORG-9")
    done = tokens("check", written(tmp_path, ORDER, ORDER, other), settings=NOWHERE)
    assert done.returncode == 1
    repeat, contradiction, summary = done.stdout.splitlines()
    assert repeat == "line 2: repeats line 1, and changes nothing"
    assert contradiction.startswith(
        f"line 3: other_content at /id: line 1 has the same source '{ORDER['source']}'"
    )
    assert summary == "checked 3: 1 good, 1 repeated, 1 bad"
    harmless = tokens("check", written(tmp_path, ORDER, ORDER), settings=NOWHERE)
    assert harmless.returncode == 0


def test_json_is_a_verdict_a_line(tmp_path: Path) -> None:
    wrong = events.with_data(ORDER, order_date="soon", id="x")
    file = written(tmp_path, ORDER, ORDER, wrong, b"\xff")
    done = tokens("check", file, "--json", settings=NOWHERE)
    assert (done.returncode, done.stderr) == (1, "checked 4: 1 good, 1 repeated, 2 bad\n")
    shown: list[dict[str, Any]] = [json.loads(line) for line in done.stdout.splitlines()]
    known = {"source": ORDER["source"], "id": ORDER["id"]}
    assert shown[:2] == [
        {"line": 1, "verdict": "good", **known, "type": ORDER["type"]},
        {"line": 2, "verdict": "repeat", "first_line": 1, **known, "type": ORDER["type"]},
    ]
    assert shown[2].pop("message").startswith("not_date at ")
    assert shown[2] == {
        "line": 3,
        "verdict": "bad",
        "rule": "not_date",
        "pointer": "/data/order_date",
        **known,
    }
    assert (shown[3]["rule"], shown[3]["source"], shown[3]["id"]) == ("not_json", None, None)


def test_standard_input_is_judged_as_it_comes() -> None:
    """Before it ends: a producer may be writing it."""
    command = [sys.executable, "-u", "-m", "tokens", "check", "-", "--json"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b"{\n")
    process.stdin.flush()
    assert json.loads(process.stdout.readline())["line"] == 1
    process.stdin.close()
    assert process.wait(30) == 1
    process.stdout.close()


def test_what_cannot_be_asked(tmp_path: Path) -> None:
    for arguments in (
        ["check"],
        ["check", str(tmp_path / "gone")],
        ["check", str(tmp_path)],
        ["check", "-", "--columns", "status"],
        ["check", "-", "--as-of", "2026-01-01T00:00:00Z"],
        ["check", "-", "--report", "--columns", "nope"],
        ["check", "-", "--report", "--as-of", "soon"],
    ):
        done = tokens(*arguments, settings=NOWHERE)
        assert done.returncode == 2, arguments
        assert "Traceback" not in done.stderr


def test_the_report_is_what_the_good_lines_lead_to(tmp_path: Path) -> None:
    other = events.with_data(ORDER, org_name="Other")
    file = written(tmp_path, ORDER, b"{", other, events.applied("T2", "S7"))
    at = "2026-04-01T00:00:00Z"
    done = tokens("check", file, "--report", "--as-of", at, settings=NOWHERE)
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert [line.split()[0] for line in lines if line.startswith("T")] == ["Token", "T1", "T2"]
    assert "Organization 1" in done.stdout
    assert "Other" not in done.stdout
    assert f"2 tokens as of {at}" in lines[-2]
    chosen = tokens(
        *("check", file, "--report", "--as-of", at, "--json", "--columns", "token_serial,status,anomalies"),
        settings=NOWHERE,
    )
    rows = [json.loads(line)["row"] for line in chosen.stdout.splitlines() if line.startswith('{"row"')]
    assert rows == [
        {"token_serial": "T1", "status": "New", "anomalies": []},
        {"token_serial": "T2", "status": "Available", "anomalies": ["shipment_missing"]},
    ]


@pytest.mark.parametrize("seed", range(3))
def test_the_report_of_any_history_is_the_one_of_the_rules(seed: int, tmp_path: Path) -> None:
    history = list(random_history(seed))
    at = "2027-03-01T00:00:00Z"
    done = tokens(
        *("check", written(tmp_path, *history), "--report", "--json", "--as-of", at),
        *("--columns", "all,anomalies"),
        settings={**NOWHERE, "TOKENS_ZONE": ZONE},
    )
    rows = [json.loads(line)["row"] for line in done.stdout.splitlines() if line.startswith('{"row"')]
    expected = rules.rows_from(rules.history_of(history, ZONE), instant(at))
    assert {row["token_serial"]: row for row in rows} == expected
    assert [row["token_serial"] for row in rows] == sorted(expected)


def test_a_line_cannot_drive_the_terminal(tmp_path: Path) -> None:
    nasty = "\x1b[31m\u2028x"
    lines: list[bytes | events.Json] = [
        {**ORDER, "type": nasty},
        {**ORDER, "source": f"a{nasty}"},
        events.with_data(ORDER, order_date=nasty),
        b'{"\x1b": "\x1b"}',
    ]
    done = tokens("check", written(tmp_path, *lines), settings=NOWHERE)
    assert done.returncode == 1
    assert len(done.stdout.split("\n")) == 6
    assert "\x1b" not in done.stdout


def test_what_was_seen_lies_on_disk_where_it_grows_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hashes of 300,000 events take 15 MB; a megabyte of them is in memory."""
    monkeypatch.setattr(seen, "_MEMORY_KIB", 1024)
    chance = random.Random(1)
    process = psutil.Process()
    with Seen() as known:
        first = chance.randbytes(16)
        assert known.first(first, 0, b"content") is None
        before = process.memory_info().rss
        for number in range(1, 300_000):
            identity = chance.randbytes(16)
            assert known.first(identity, number, identity) is None
        grown = process.memory_info().rss - before
        assert known.first(first, 300_000, b"other") == First(0, b"content")
    assert grown < 8_000_000


def test_parsed_events_are_what_the_verdicts_hold() -> None:
    [verdict] = verdicts([Line(1, events.encoded(ORDER), whole=True)])
    assert isinstance(verdict.event, Event)
    assert verdict.event == parse(events.encoded(ORDER))
