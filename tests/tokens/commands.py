"""Runs `tokens` as its users do: as processes of their own."""

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

import psutil


def _environment(settings: Mapping[str, str]) -> dict[str, str]:
    outside = {name: value for name, value in os.environ.items() if not name.startswith("TOKENS_")}
    return {**outside, **settings}


def tokens(
    *arguments: str, settings: Mapping[str, str], stdin: bytes = b"", timeout_seconds: float = 120
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end. `settings`: the variables that are set, TOKENS_ included in their names."""
    done = subprocess.run(
        [sys.executable, "-m", "tokens", *arguments],
        env=_environment(settings),
        input=stdin,
        capture_output=True,
        timeout=timeout_seconds,
        check=False,
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


class Command:
    """A command that runs on; `lines` is what it has written to stdout and stderr so far."""

    def __init__(self, *arguments: str, settings: Mapping[str, str]) -> None:
        self.lines: list[str] = []
        self._arrived: queue.Queue[str | None] = queue.Queue()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tokens", *arguments],
            env=_environment(settings),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def process(self) -> psutil.Process:
        """The process of the command."""
        return psutil.Process(self._process.pid)

    def wait_for_line(self, beginning: str, *, timeout_seconds: float = 90) -> str:
        """The first line from here on that begins so. Fails when the command ends or the time is over."""
        deadline = time.monotonic() + timeout_seconds
        while True:
            try:
                line = self._arrived.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                line = None
            assert line is not None, f"no line {beginning!r} among: {self.lines}"
            if line.startswith(beginning):
                return line

    def end(self, number: signal.Signals, *, timeout_seconds: float) -> int:
        """Send a signal; the exit code. Fails when it takes longer."""
        self._process.send_signal(number)
        return self.wait(timeout_seconds=timeout_seconds)

    def wait(self, *, timeout_seconds: float) -> int:
        """The exit code, once it has ended by itself."""
        code = self._process.wait(timeout=timeout_seconds)
        self._reader.join(timeout=5)
        return code

    def close(self) -> None:
        """End it whatever it does, for the end of a test."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._reader.join(timeout=5)
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.lines.append(line.rstrip("\n"))
            self._arrived.put(self.lines[-1])
        self._arrived.put(None)


def wait_until_gone(processes: list[psutil.Process], *, timeout_seconds: float = 15) -> None:
    """Fail unless all of them have ended in time."""
    _, alive = psutil.wait_procs(processes, timeout=timeout_seconds)
    assert not [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]


def settings_of(folder: Path, **more: str) -> dict[str, str]:
    """The variables of an `up` of a test's own: its folder, and any free port."""
    return {"TOKENS_DATA": str(folder), "TOKENS_HTTP": "127.0.0.1:0", **more}
