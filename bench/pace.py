"""How fast the machine goes just now: where it is shared, others slow down all that is measured."""

import time
from collections.abc import Sequence

from bench.summary import median_and_p99

_STEPS = 25_000


def loop_milliseconds() -> float:
    """How long a loop of always the same steps takes, about a millisecond."""
    began = time.perf_counter()
    total = 0
    for step in range(_STEPS):
        total += step * step
    return 1000 * (time.perf_counter() - began)


def pace(milliseconds: Sequence[float]) -> str:
    """What many such loops tell, for the line above a table."""
    median, p99 = median_and_p99(milliseconds)
    times = f"{median:.2f} ms (shortest {min(milliseconds):.2f}, p99 {p99:.2f})"
    return f"between the calls, a fixed loop took {times}"
