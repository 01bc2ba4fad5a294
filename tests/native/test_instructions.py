"""What the compiled part costs an event, in instructions of the processor: the same on any machine, whatever its mood.

A change that makes it a tenth dearer fails here. Where that is meant, or where it became cheaper, write the new figure
down, with the reason in the commit; another compiler may want another one, too.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from native import compiled
from tests.reference.instants import instant
from tokens.simulate.options import Options
from tokens.simulate.stream import simulate

INSTRUCTIONS_AN_EVENT = 50_060
DEARER, CHEAPER = 1.10, 0.90
EVENTS = 2_000
OPTIONS = Options(seed=1, tokens=600, days=680, until=instant("2026-03-02T00:00:00Z"))


def instructions(file: Path, events: int) -> int:
    """Of a process that drafts so many events."""
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
    command += [sys.executable, "-m", "tests.native.drafting", str(file), str(events)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": "0"})
    [count] = re.findall(r"Collected : (\d+)", done.stderr)
    return int(count)


@pytest.mark.skipif(compiled is None, reason="nothing is compiled here")
@pytest.mark.skipif(shutil.which("valgrind") is None, reason="valgrind counts the instructions")
def test_an_event_takes_as_many_instructions_as_before(tmp_path: Path) -> None:
    file = tmp_path / "events.ndjson"
    plain = [value for value in simulate(OPTIONS) if compiled.read_plain(value) is not None]
    file.write_bytes(b"\n".join(plain[:EVENTS]))
    found = (instructions(file, EVENTS) - instructions(file, 0)) / EVENTS
    assert found <= DEARER * INSTRUCTIONS_AN_EVENT, f"{found:,.0f} an event"
    assert found >= CHEAPER * INSTRUCTIONS_AN_EVENT, f"{found:,.0f} an event: note it"
