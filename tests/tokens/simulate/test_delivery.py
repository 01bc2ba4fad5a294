"""Messages arrive late, twice, and in another order than they happened; memory does not grow with them."""

import tracemalloc
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from schemas.envelope import Event, parse
from tests.tokens.simulate.conftest import UNTIL, Company
from tokens.simulate import spool as spool_module
from tokens.simulate.options import Options
from tokens.simulate.spool import Spool
from tokens.simulate.stream import simulate


def _times(lines: list[bytes]) -> list[int]:
    return [event.time for line in lines if isinstance(event := parse(line), Event)]


def test_a_few_percent_are_delivered_again_byte_for_byte(company: Company) -> None:
    counts = Counter(company.lines)
    assert 0.02 < sum(count > 1 for count in counts.values()) / len(counts) < 0.04
    assert set(counts.values()) == {1, 2}


def test_some_are_late_by_hours_a_few_by_weeks(company: Company) -> None:
    latest = 0
    late_us = []
    for time in _times(company.lines):
        latest = max(latest, time)
        late_us.append(latest - time)
    hours = sum(late > 3_600e6 for late in late_us) / len(late_us)
    assert 0.03 < hours < 0.25
    assert any(late > 14 * 86_400e6 for late in late_us)


def test_retractions_and_shipments_overtake_what_they_are_about(company: Company) -> None:
    position = {event["id"]: place for place, event in enumerate(company.events)}
    overtaken = [
        shipment
        for shipment in company.of_type("order.shipped")
        for line in shipment["data"]["lines"]
        if position.get(f"{line['sales_order']}/0", -1) > position[shipment["id"]]
    ]
    assert overtaken


def test_without_shuffling_each_event_once_in_the_order_of_time(company: Company) -> None:
    lines = list(simulate(replace(company.options, shuffled=False)))
    times = _times(lines)
    assert times == sorted(times)
    assert sorted(lines) == sorted(set(company.lines))


def test_what_waits_on_disk_comes_back_as_if_it_had_waited_in_memory(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    options = Options(seed=4, tokens=2_000, days=800, until=UNTIL)
    in_memory = list(simulate(options))
    monkeypatch.setattr(spool_module, "HELD_BYTES", 100_000)
    monkeypatch.setattr(spool_module, "BUCKET_BYTES", 300_000)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    lines = simulate(options)
    first = next(lines)
    assert list(tmp_path.glob("*/*.ndjson"))
    assert [first, *lines] == in_memory
    assert list(tmp_path.iterdir()) == []


def test_a_simulation_that_is_abandoned_leaves_no_files(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(spool_module, "HELD_BYTES", 100_000)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    lines = simulate(Options(seed=4, tokens=2_000, days=800, until=UNTIL))
    next(lines)
    lines.close()
    assert list(tmp_path.iterdir()) == []


def test_lines_outside_the_range_come_first_and_last(tmp_path: Path) -> None:
    with Spool(first=100, last=200, expected_bytes=0) as spool:
        for at, line in ((500, b"after"), (150, b"within"), (7, b"before"), (150, b"also within")):
            spool.add(at, line)
        assert spool.lines_held == 4
        assert list(spool.lines()) == [b"before", b"also within", b"within", b"after"]


def test_memory_does_not_grow_with_what_is_held(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(spool_module, "HELD_BYTES", 1_000_000)
    monkeypatch.setattr(spool_module, "BUCKET_BYTES", 1_000_000)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    count, line = 100_000, b"x" * 300
    tracemalloc.start()
    with Spool(first=0, last=count, expected_bytes=count * len(line)) as spool:
        for at in range(count):
            spool.add(at, line)
        assert sum(1 for _ in spool.lines()) == count
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak_bytes < 8_000_000 < count * len(line)
