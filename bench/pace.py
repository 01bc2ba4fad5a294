"""How fast the machine goes just now: where it is shared, others slow down all that is measured."""

import statistics
import time
from collections.abc import Sequence

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
    ordered = sorted(milliseconds)
    times = (statistics.median(ordered), ordered[round(0.99 * (len(ordered) - 1))])
    slower = (f"{each / ordered[0]:.2f}" for each in times)
    return f"between the calls, a fixed loop took {' × (p99 '.join(slower)} ×) its shortest time"
