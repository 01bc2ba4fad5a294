"""Many runs in few figures: medians with their range, and what ours is by the loop, round by round."""

import statistics
from collections.abc import Callable, Sequence
from typing import NamedTuple

from bench.run import Run

Round = dict[str, Run]
"""One run of each contender, by its name, one right after the other; the slow ones are in the first alone."""


class Figure(NamedTuple):
    """A median and the range around it."""

    median: float
    least: float
    most: float


class Measure(NamedTuple):
    """One quantity of a run, as the tables show it."""

    title: str
    of: Callable[[Run], float]
    digits: int


MEGABYTE = 1024 * 1024
MEASURES = (
    Measure("events/s", lambda run: run.events_per_second, 0),
    Measure("client µs/event", lambda run: run.per_event(run.client_cpu_seconds) * 1e6, 1),
    Measure("Postgres µs/event", lambda run: run.per_event(run.postgres_cpu_seconds) * 1e6, 1),
    Measure("broker µs/event", lambda run: run.per_event(run.broker_cpu_seconds) * 1e6, 1),
    Measure("WAL B/event", lambda run: run.per_event(run.wal_bytes), 0),
    Measure("client MB", lambda run: run.peak_memory_bytes / MEGABYTE, 0),
    Measure("tables MB", lambda run: run.table_bytes / MEGABYTE, 0),
    Measure("other cores", lambda run: run.others_cpu_seconds / run.seconds, 2),
)


def figure(values: Sequence[float]) -> Figure:
    """The median and the range of at least one value."""
    return Figure(statistics.median(values), min(values), max(values))


def figures(rounds: Sequence[Round], contender: str) -> list[Figure]:
    """One for each of `MEASURES`."""
    return [
        figure([measure.of(each[contender]) for each in rounds if contender in each]) for measure in MEASURES
    ]


def ratio(rounds: Sequence[Round], contender: str, beside: str) -> Figure:
    """Events per second by those of the other, round by round: the machine's mood cancels out."""
    return figure(
        [
            each[contender].events_per_second / each[beside].events_per_second
            for each in rounds
            if contender in each and beside in each
        ]
    )


def median_and_p99(values: Sequence[float]) -> tuple[float, float]:
    """The median, and what 99 of 100 values do not exceed: of few, the largest."""
    ordered = sorted(values)
    return statistics.median(ordered), ordered[round(0.99 * (len(ordered) - 1))]
