"""How a worker stands: whether it goes on, and what stands in its way. What the health endpoints ask."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from lifecycle import metrics

logger = structlog.get_logger()

SLOW_SECONDS = 30.0
# Longer than a transaction may take: waiting for a slow database is no reason to be killed.
STALLED_SECONDS = 330.0


class Standing:
    """What the consumer says of itself as it goes round."""

    def __init__(self) -> None:
        self.broker_obstacle: str | None = None
        self._obstacle: str | None = "starting"
        self._progress_at = time.monotonic()
        self._recording_since: float | None = None

    @property
    def obstacle(self) -> str | None:
        """Why messages cannot be read or recorded just now; None while they can."""
        if self._recording_since is not None:
            waited = time.monotonic() - self._recording_since
            if waited > SLOW_SECONDS:
                return f"a batch has been with the database for {waited:.0f} s"
        return self._obstacle or self.broker_obstacle

    @property
    def is_alive(self) -> bool:
        """Whether the loop has gone round lately, be it only to wait for a database."""
        return time.monotonic() - self._progress_at < STALLED_SECONDS

    def progress(self) -> None:
        """The loop goes round."""
        self._progress_at = time.monotonic()

    def hinder(self, obstacle: str) -> None:
        """Something stands in the way."""
        if self._obstacle != obstacle:
            logger.warning("waiting", reason=obstacle)
        self._obstacle = obstacle
        metrics.READY.set(0)

    def unhinder(self) -> None:
        """Nothing does any more."""
        self._obstacle = None
        metrics.READY.set(1)

    @contextmanager
    def recording(self) -> Iterator[None]:
        """While a batch is with the database."""
        self.progress()
        self._recording_since = self._progress_at
        try:
            yield
        finally:
            self._recording_since = None
