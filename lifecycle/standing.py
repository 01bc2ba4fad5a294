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
        self._obstacle: str | None = None
        self._without_partitions_since: float | None = time.monotonic()
        self._progress_at = time.monotonic()
        self._recording_since: float | None = None
        metrics.READY.set_function(lambda: self.obstacle is None)

    @property
    def obstacle(self) -> str | None:
        """Why messages cannot be read or recorded just now; None while they can."""
        if self._recording_since is not None:
            waited = time.monotonic() - self._recording_since
            if waited > SLOW_SECONDS:
                return f"a batch has been with the database for {waited:.0f} s"
        return self._obstacle or self.broker_obstacle or self._no_partitions()

    @property
    def is_alive(self) -> bool:
        """Whether the loop has gone round lately, be it only to wait for a database."""
        return time.monotonic() - self._progress_at < STALLED_SECONDS

    def progress(self) -> None:
        """The loop goes round."""
        self._progress_at = time.monotonic()

    def loses_partitions(self) -> None:
        """The group deals them out anew; nothing is read until this worker has its own."""
        if self._without_partitions_since is None:
            self._without_partitions_since = time.monotonic()

    def has_partitions(self) -> None:
        """They are dealt out, and it is known where to read on in this worker's, if any."""
        self._without_partitions_since = None

    def hinder(self, obstacle: str) -> None:
        """Something stands in the way."""
        if self._obstacle != obstacle:
            logger.warning("waiting", reason=obstacle)
        self._obstacle = obstacle

    def unhinder(self) -> None:
        """Nothing does any more."""
        self._obstacle = None

    @contextmanager
    def recording(self) -> Iterator[None]:
        """While a batch is with the database."""
        self.progress()
        self._recording_since = self._progress_at
        try:
            yield
        finally:
            self._recording_since = None

    def _no_partitions(self) -> str | None:
        if self._without_partitions_since is None:
            return None
        waited = time.monotonic() - self._without_partitions_since
        return (
            f"no partitions to read for {waited:.0f} s: Kafka deals them out when a worker comes or goes, and waits "
            "until it is sure of one that was killed"
        )
