"""Results as JSON: written after each run, so that one that is interrupted is not lost, and read again for the docs."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from bench.contenders.ours import Ours
from bench.event_set import EventSet
from bench.report import machine
from bench.run import Run
from bench.summary import Round


class Results:
    """What one benchmark of some `kind` came to, over a set of events; `path` is the file that has it."""

    def __init__(self, folder: Path, kind: str, events: EventSet) -> None:
        at = datetime.now(UTC)
        self.path = folder / f"{kind}-{at:%Y%m%dT%H%M%SZ}.json"
        self._about = {
            "at": at.isoformat(timespec="seconds"),
            "machine": machine(),
            "layout": Ours.layout(),
            "events": {"messages": events.messages, "tokens": events.tokens, "digest": events.digest},
        }

    def keep(self, rounds: Sequence[Round]) -> None:
        """Write the rounds so far, the last of which may lack runs."""
        content = {
            **self._about,
            "rounds": [{name: asdict(run) for name, run in each.items()} for each in rounds],
        }
        unfinished = self.path.with_suffix(".unfinished")
        unfinished.write_text(json.dumps(content, indent=1) + "\n")
        unfinished.rename(self.path)


def latest(folder: Path, kind: str) -> dict[int, list[Round]]:
    """The newest rounds of a kind, by how many tokens the events tell of, the fewest first.

    Only of today's layout of our tables: others' figures are of another service.
    """
    newest = {}
    for path in sorted(folder.glob(f"{kind}-*Z.json")):
        content = json.loads(path.read_text())
        if content.get("layout") == Ours.layout():
            rounds = [{name: Run(**run) for name, run in each.items()} for each in content["rounds"]]
            newest[content["events"]["tokens"]] = rounds
    return dict(sorted(newest.items()))
