"""`tokens demo`: from nothing to a report with all four statuses."""

import re
import signal
import time
from pathlib import Path

from tests.tokens.commands import Command, settings_of, tokens, wait_until_gone


def counts(output: str) -> dict[str, int]:
    return {
        status: int(count.replace(",", ""))
        for status, count in re.findall(r"^(New|Available|Active|Expired) +([0-9,]+)$", output, re.MULTILINE)
    }


def test_the_demo_shows_all_four_statuses_and_the_same_again_the_next_time(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    first = tokens("demo", "--once", settings=settings, timeout_seconds=300)
    assert first.returncode == 0, first.stderr
    assert list(counts(first.stdout)) == ["New", "Available", "Active", "Expired"]
    assert all(counts(first.stdout).values())
    to_try = first.stdout.splitlines()[-3:]
    assert ["query" in to_try[0], "export" in to_try[1], "curl" in to_try[2]] == [True, True, True]

    events = (tmp_path / "demo.ndjson").read_bytes()
    second = tokens("demo", "--once", settings=settings, timeout_seconds=300)
    assert second.returncode == 0, second.stderr
    assert sum(counts(second.stdout).values()) == sum(counts(first.stdout).values())
    assert (tmp_path / "demo.ndjson").read_bytes() == events


def test_a_demo_that_is_interrupted_while_it_loads_ends_soon_and_leaves_nothing(tmp_path: Path) -> None:
    demo = Command("demo", settings=settings_of(tmp_path))
    try:
        demo.wait_for_line("simulating ")
        children = demo.process.children(recursive=True)
        started = time.monotonic()
        demo.end(signal.SIGINT, timeout_seconds=15)
        assert time.monotonic() - started < 10
        wait_until_gone(children, timeout_seconds=0.5)
        assert demo.lines[-1] == "stopped"
    finally:
        demo.close()
