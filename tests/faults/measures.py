"""What a long run costs, looked at once a second: the memory of processes, and how far recording is behind."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import asyncpg

from tests.tokens.commands import Command

FEWEST_OF_A_QUARTER = 10


class Moment(NamedTuple):
    """How many messages were sent and recorded at a moment (monotonic seconds)."""

    at: float
    sent: int
    recorded: int

    @property
    def behind(self) -> int:
        """How many messages wait."""
        return max(0, self.sent - self.recorded)


class Measures:
    """Looks on until it is cancelled. `memory` is MB by process, `moments` the state of recording."""

    def __init__(self, database_url: str, sent: Callable[[], int]) -> None:
        self._database_url = database_url
        self._sent = sent
        self._processes: dict[str, int] = {}
        self.memory: dict[str, list[float]] = defaultdict(list)
        self.moments: list[Moment] = []

    def watch(self, name: str, command: Command) -> None:
        """From now on, also this process."""
        self._processes[name] = command.process.pid

    async def run(self) -> None:
        """Look every second; what had been recorded at the start is not counted."""
        sql = await asyncpg.connect(self._database_url)
        try:
            before = await _recorded(sql)
            while True:
                sent = self._sent()
                self.moments.append(Moment(time.monotonic(), sent, await _recorded(sql) - before))
                for name, pid in self._processes.items():
                    self._note(name, pid, "VmRSS")
                for (session,) in await sql.fetch(
                    "select pid from pg_stat_activity where application_name = 'tokens rebuild'"
                ):
                    self._note("Postgres session of the rebuild", session, "RssAnon")
                await asyncio.sleep(1)
        finally:
            await sql.close()

    def _note(self, name: str, pid: int, field: str) -> None:
        try:
            status = Path(f"/proc/{pid}/status").read_text()
        except FileNotFoundError:
            return
        for line in status.splitlines():  # none, where it has ended and nobody has asked for its exit code
            if line.startswith(f"{field}:"):
                self.memory[name].append(int(line.split()[1]) / 1024)


async def _recorded(sql: asyncpg.Connection) -> int:
    return int(await sql.fetchval("select coalesce(sum(next_offset), 0) from offsets"))


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def growth(values: Sequence[float]) -> float:
    """By how much the last quarter's median exceeds the second's, as a share of it; 0 where there are too few.

    The first quarter is for warming up.
    """
    quarter = len(values) // 4
    if quarter < FEWEST_OF_A_QUARTER:
        return 0.0
    early = percentile(values[quarter : 2 * quarter], 0.5)
    return percentile(values[-quarter:], 0.5) / early - 1
