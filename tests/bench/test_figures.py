"""The arithmetic of the benchmark: what is measured is not of this test, what is made of it is."""

from pathlib import Path

from bench.run import Run
from bench.samples import read_samples
from bench.summary import ratio


def run_of(contender: str, seconds: float, rows_hash: str = "") -> Run:
    return Run(contender, 1_000, seconds, 1.0, 1.0, 1.0, 0.0, 1, 1, 1, 1, rows_hash)


def test_a_ratio_is_taken_round_by_round() -> None:
    rounds = [
        {"ours": run_of("ours", ours), "the loop": run_of("the loop", loop)}
        for ours, loop in ((2.0, 1.0), (40.0, 10.0), (3.0, 3.0))
    ]
    assert ratio(rounds, "ours", "the loop") == (0.5, 0.25, 1.0)


def test_a_slow_contender_is_compared_with_the_first_round_alone() -> None:
    rounds = [
        {"slow": run_of("slow", 8.0), "the loop": run_of("the loop", 2.0)},
        {"the loop": run_of("the loop", 1.0)},
    ]
    assert ratio(rounds, "slow", "the loop") == (0.25, 0.25, 0.25)


def test_samples_belong_to_the_innermost_component(tmp_path: Path) -> None:
    output = tmp_path / "samples.txt"
    output.write_text(
        "thread (1): MainThread;run (lifecycle/consumer.py:9);parse (schemas/envelope.py:5);f (/x/y.py:1) 3\n"
        "thread (1): MainThread;run (lifecycle/consumer.py:9) 2\n"
        "thread (2): other;run (lifecycle/consumer.py:9) 100\n"
    )
    samples = read_samples(output)
    assert samples.total == 5
    assert samples.by_component() == [("parse", 3), ("batches", 2)]
    assert samples.by_function_cumulative()[0] == ("run (lifecycle/consumer.py)", 5)
