"""What was measured is written after each run, and read again for the docs."""

import json
from pathlib import Path

from bench.event_set import EventSet
from bench.growth import growth_table
from bench.saved import Results, latest
from tests.bench.test_figures import run_of

EVENTS = EventSet(Path("events"), 1_000, 500, 0, "digest")


def test_an_interrupted_round_is_not_lost(tmp_path: Path) -> None:
    ours, loop = run_of("ours", 2.0), run_of("the loop", 1.0)
    results = Results(tmp_path, "growth", EVENTS)
    results.keep([{"ours": ours, "the loop": loop}, {"ours": ours}])
    assert latest(tmp_path, "growth") == {500: [{"ours": ours, "the loop": loop}, {"ours": ours}]}
    assert latest(tmp_path, "steady") == {}
    [_, of_ours, of_loop] = growth_table(latest(tmp_path, "growth"))
    assert of_ours[:5] == ["500", "1,000", "ours", "0.50", "500"]
    assert of_loop[:5] == ["500", "1,000", "the loop", "1.00", "1,000"]


def test_what_another_layout_came_to_is_not_ours(tmp_path: Path) -> None:
    results = Results(tmp_path, "backlog", EVENTS)
    results.keep([{"ours": run_of("ours", 2.0)}])
    content = json.loads(results.path.read_text())
    results.path.write_text(json.dumps({**content, "layout": "another"}))
    assert latest(tmp_path, "backlog") == {}
