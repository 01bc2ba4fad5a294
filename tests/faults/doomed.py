"""A worker process that SIGKILL ends at a chosen moment of its talk with Postgres and Kafka.

It is the worker as it is; only what it talks through is watched. Without a moment it notes every step that it comes
by, which is how the tests learn what moments there are.
"""

import multiprocessing
import os
import signal
from pathlib import Path

from tests.faults.moments import Doom, Moment
from tests.faults.watched import replace, watch_kafka, watch_postgres
from tokens.logs import set_up_logs
from tokens.settings import Settings
from tokens.worker import run_worker


def _work(settings: Settings, group: str, moment: Moment | None, notes: Path, output: Path) -> None:
    with output.open("ab") as file:
        for stream in (1, 2):
            os.dup2(file.fileno(), stream)
    replace(Settings, "group", group)
    doom = Doom(moment, notes)
    watch_postgres(doom)
    watch_kafka(doom)
    set_up_logs(settings)
    run_worker(settings)


# Forked from one process that has imported everything, a worker is up in a fraction of its usual time.
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload([__name__])


class DoomedWorker:
    """A worker process, in a consumer group of that name; with a moment, its life ends there."""

    def __init__(self, settings: Settings, group: str, folder: Path, moment: Moment | None = None) -> None:
        self.notes, self._output = folder / f"{group}.steps", folder / f"{group}.log"
        self._process = _processes.Process(
            target=_work, args=(settings, group, moment, self.notes, self._output)
        )
        self._process.start()

    @property
    def is_dead(self) -> bool:
        """Whether the moment has come. Fails where it ended otherwise."""
        code = self._process.exitcode
        assert code in (None, -signal.SIGKILL), f"it ended with {code}:\n{self.log()}"
        return code is not None

    def log(self) -> str:
        """All its output."""
        return self._output.read_text(errors="replace")

    def close(self) -> None:
        """End it, for the end of a test."""
        self._process.kill()
        self._process.join()
        self._process.close()
