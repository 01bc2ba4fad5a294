"""The processes of one contender: started together, one killed and replaced where a run asks for it."""

import re
import signal
from pathlib import Path

from bench import processes
from bench.lineup import Contender
from tokens.embedded.child import Child
from tokens.failure import Failure

_ROOT = Path(__file__).parent.parent
_STOP_SECONDS = 20
_DEAD_SECONDS = 10


class Crew:
    """As many as the contender has, each with a log in `folder`. What the killed ones cost still counts."""

    def __init__(self, contender: Contender, folder: Path) -> None:
        self._contender = contender
        self._name = re.sub("[^a-z0-9]+", "-", contender.name.lower())
        self._folder = folder
        self._children: list[Child] = []
        self._buried_cpu_seconds = 0.0

    @property
    def pids(self) -> list[int]:
        """Of those that live."""
        return [child.pid for child in self._children]

    @property
    def log(self) -> Path:
        """What the first one says."""
        return self._children[0].log

    def start(self) -> None:
        """All of them."""
        for number in range(self._contender.processes):
            self._log(number).unlink(missing_ok=True)
            self._children.append(self._started(number))

    async def kill_one(self) -> None:
        """Kill the last one where it is (SIGKILL), and start another in its place."""
        child = self._children.pop()
        self._buried_cpu_seconds += processes.cpu_seconds(child.pid)
        child.send_signal(signal.SIGKILL)
        await child.wait(timeout_seconds=_DEAD_SECONDS)
        self._children.append(self._started(len(self._children)))

    def require_all(self) -> None:
        """Raise Failure where one has ended."""
        for child in self._children:
            if child.exit_code is not None:
                raise Failure(f"{self._contender.name} ended ({child.last_words()}); its log is {child.log}")

    def cpu_seconds(self) -> float:
        """Of all that there were."""
        return self._buried_cpu_seconds + sum(processes.cpu_seconds(pid) for pid in self.pids)

    def peak_memory_bytes(self) -> int:
        """Of those that live, together."""
        return sum(processes.peak_memory_bytes(pid) for pid in self.pids)

    async def stop(self) -> None:
        """All of them. Safe to call again."""
        for child in self._children:
            await child.stop(patience_seconds=_STOP_SECONDS)

    def _started(self, number: int) -> Child:
        return Child(
            self._contender.name,
            self._contender.command(),
            log=self._log(number),
            environment={**self._contender.environment(), "PYTHONPATH": str(_ROOT)},
        )

    def _log(self, number: int) -> Path:
        return self._folder / f"{self._name}-{number}.log"
