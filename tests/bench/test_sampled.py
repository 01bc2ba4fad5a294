"""A sample of the expected rows is what all of them would say: no token's row hangs on another's."""

import pytest

from bench.event_set import UNTIL
from bench.expected import Sample, report_rows
from tokens.simulate.options import Options, parse_until
from tokens.simulate.stream import simulate


@pytest.mark.parametrize("one_of", [2, 7, 40])
def test_rows_of_a_sample_are_those_of_all(one_of: int) -> None:
    options = Options(seed=3, tokens=600, days=900, until=parse_until(UNTIL))
    lines = list(simulate(options))
    sample = Sample(one_of)
    every = report_rows(lambda: lines, options.until, Sample())
    sampled = report_rows(lambda: lines, options.until, sample)
    assert sampled.cells == {serial: cells for serial, cells in every.cells.items() if serial in sample}
    assert sampled.cells
