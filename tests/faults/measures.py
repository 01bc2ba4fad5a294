"""What a long run costs, looked at once a second: the memory of processes, and how far recording is behind."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import asyncpg

from tests.tokens.commands import Command


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

    def __init__(self, sql: asyncpg.Connection, sent: Callable[[], int]) -> None:
        self._sql = sql
        self._sent = sent
        self._commands: dict[str, Command] = {}
        self._recorded_before = 0
        self.memory: dict[str, list[float]] = defaultdict(list)
        self.moments: list[Moment] = []

    def watch(self, name: str, command: Command) -> None:
        """From now on, also this process."""
        self._commands[name] = command

    async def run(self) -> None:
        """Look every second; what had been recorded at the start is not counted."""
        self._recorded_before = await self._recorded()
        while True:
            sent = self._sent()
            recorded = await self._recorded() - self._recorded_before
            self.moments.append(Moment(time.monotonic(), sent, recorded))
            for name, command in self._commands.items():
                self._note(name, command.process_id, "VmRSS")
            for pid in await self._sql.fetch(
                "select pid from pg_stat_activity where application_name = 'tokens rebuild'"
            ):
                self._note("Postgres session of the rebuild", pid[0], "RssAnon")
            await asyncio.sleep(1)

    async def _recorded(self) -> int:
        return int(await self._sql.fetchval("select coalesce(sum(next_offset), 0) from offsets"))

    def _note(self, name: str, pid: int, field: str) -> None:
        try:
            status = Path(f"/proc/{pid}/status").read_text()
        except FileNotFoundError:
            return
        for line in status.splitlines():  # none, where it has ended and nobody has asked for its exit code
            if line.startswith(f"{field}:"):
                self.memory[name].append(int(line.split()[1]) / 1024)


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def growth(values: Sequence[float]) -> float:
    """By how much the last quarter's median exceeds the second's, as a share of it. The first is for warming up."""
    quarter = len(values) // 4
    if quarter == 0:
        return 0.0
    early = percentile(values[quarter : 2 * quarter], 0.5)
    return percentile(values[-quarter:], 0.5) / early - 1
