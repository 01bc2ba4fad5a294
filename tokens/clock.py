"""The one clock of the service; what needs it is given it."""

import time


def now() -> int:
    """Microseconds since 1970 in UTC."""
    return time.time_ns() // 1000
