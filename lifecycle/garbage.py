"""Garbage collection between batches, and not through them."""

import gc
import time

COLLECT_SECONDS = 30.0


class BetweenBatches:
    """Looks for cycles now and then, and not while a batch of some 100,000 objects is alive.

    None of those are in cycles: reference counts free them. Left to itself, the collector walks through them
    again and again, for a third of all the time.
    """

    def __init__(self) -> None:
        self._collected_at = 0.0

    def collect(self) -> None:
        """Take the collector in hand at the first call; look for cycles where the last look was long ago."""
        now = time.monotonic()
        if not self._collected_at:
            gc.disable()
            gc.collect()
            gc.freeze()
        elif now - self._collected_at < COLLECT_SECONDS:
            return
        gc.collect()
        self._collected_at = now
