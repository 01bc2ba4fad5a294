"""A child process with a log file: started, watched and stopped, and gone when its parent is gone."""

import asyncio
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tokens.failure import Failure

_LAUNCH = Path(__file__).with_name("launch.py")
_POLL_SECONDS = 0.05
_LOG_TAIL_BYTES = 4096
_WORDS_CHARACTERS = 300
_LOG_BYTES = 16 * 1024 * 1024
_ERROR = re.compile(r"\b(FATAL|ERROR|Error|Exception)\b|error:")


class Child:
    """One child process in a process group of its own, so that Ctrl-C reaches the parent alone.

    It runs in the folder of `log`, to which its output is appended; `inherited` are file descriptors that it
    gets under the same numbers. On Linux the kernel sends it `stop_signal` when the parent dies; start it
    from the main thread, since the kernel takes the thread that started it for the parent.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        log: Path,
        stop_signal: signal.Signals = signal.SIGTERM,
        user: str | None = None,
        environment: Mapping[str, str] | None = None,
        inherited: Sequence[int] = (),
    ) -> None:
        self.name = name
        self.log = log
        self._stop_signal = stop_signal
        _keep_small(log)
        launch = [
            sys.executable,
            "-I",
            "-S",
            str(_LAUNCH),
            str(os.getpid()),
            str(int(stop_signal)),
            user or "-",
            "--",
        ]
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [*launch, *map(str, command)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(environment or {})},
                cwd=log.parent,
                pass_fds=inherited,
                process_group=0,
            )

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; minus the signal's number where a signal ended it."""
        return self._process.poll()

    def last_words(self) -> str:
        """The line of its log that tells best why it ended: the last with an error in it, else the last."""
        with self.log.open("rb") as log:
            log.seek(max(0, self.log.stat().st_size - _LOG_TAIL_BYTES))
            lines = log.read().decode(errors="replace").strip().splitlines()
        errors = [line for line in lines if _ERROR.search(line)]
        return _spoken((errors or lines or ["it said nothing"])[-1].strip())

    async def wait_until_ready(self, is_ready: Callable[[], bool], *, timeout_seconds: float) -> None:
        """Return when `is_ready()`, called in a thread, is true.

        Raises Failure when the child ends first, or when the time is over.
        """
        deadline = time.monotonic() + timeout_seconds
        while True:
            if self.exit_code is not None:
                raise Failure(f"{self.name} ended at once ({self.last_words()}); its log is {self.log}")
            if await asyncio.to_thread(is_ready):
                return
            if time.monotonic() > deadline:
                raise Failure(
                    f"{self.name} was not ready after {timeout_seconds:.0f} s; its log is {self.log}"
                )
            await asyncio.sleep(_POLL_SECONDS)

    async def wait(self, *, timeout_seconds: float) -> int | None:
        """Its exit code, or None when it still runs after that time."""
        deadline = time.monotonic() + timeout_seconds
        while self.exit_code is None and time.monotonic() < deadline:
            await asyncio.sleep(_POLL_SECONDS)
        return self.exit_code

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal; nothing where it has ended."""
        self._process.send_signal(number)

    async def stop(self, *, patience_seconds: float) -> None:
        """Ask it to end, and kill it when it has not after `patience_seconds`. Safe to call again."""
        try:
            if self.exit_code is None:
                self._process.send_signal(self._stop_signal)
                await self.wait(timeout_seconds=patience_seconds)
        finally:  # also when this wait is cancelled: nothing may stay behind
            if self.exit_code is None:
                self._process.kill()
                self._process.wait()


def _spoken(line: str) -> str:
    """The sentence in a line of a log, which may be a JSON object."""
    with contextlib.suppress(ValueError):
        entry = json.loads(line)
        if isinstance(entry, dict):
            line = (str(entry.get("exception", "")).splitlines() or [str(entry.get("event", line))])[-1]
    return line if len(line) <= _WORDS_CHARACTERS else f"{line[:_WORDS_CHARACTERS]}…"


def _keep_small(log: Path) -> None:
    """Put a large log aside, in place of the one put aside before it."""
    if log.exists() and log.stat().st_size > _LOG_BYTES:
        log.replace(log.with_name(f"{log.name}.old"))
