"""The `tokens up` that runs on a data folder: one at a time, and found by every other command."""

import contextlib
import fcntl
import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tokens.failure import Failure

_TRIES = 5


@dataclass(frozen=True)
class Running:
    """What `up` tells other commands about itself. `settings` are its effective ones, by field name."""

    process: int
    address: str
    settings: dict[str, str | int] = field(default_factory=dict)


def find_running(data: Path) -> Running | None:
    """The `up` that runs on this folder now; None where none does, or where it has no servers yet."""
    try:
        with (data / "up.lock").open() as lock:
            if _is_locked(lock.fileno()):
                return Running(**json.loads((data / "up.json").read_text()))
    except OSError:
        pass
    return None


def announce(data: Path, running: Running) -> None:
    """Let `find_running` find this process. It holds the database's password: for the owner's eyes alone."""
    unfinished = data / "up.json.unfinished"
    unfinished.unlink(missing_ok=True)
    unfinished.touch(mode=0o600)
    unfinished.write_text(json.dumps(asdict(running), indent=1) + "\n")
    unfinished.replace(data / "up.json")


@contextlib.contextmanager
def only_one(data: Path) -> Iterator[None]:
    """Hold the folder for this process.

    Raises Failure where another holds it, or where it cannot be written.
    """
    try:
        data.mkdir(parents=True, exist_ok=True)
        lock = (data / "up.lock").open("a")
    except OSError as error:
        raise Failure(
            f"{data} cannot be written ({error.strerror}): name another folder in TOKENS_DATA"
        ) from error
    with lock:
        if not _take(lock.fileno()):
            raise Failure(_taken(data))
        (data / "up.json").unlink(missing_ok=True)  # of one that was killed
        try:
            yield
        finally:
            (data / "up.json").unlink(missing_ok=True)


def _take(descriptor: int) -> bool:
    for _ in range(_TRIES):  # another command's look at the lock holds it for a moment
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        time.sleep(0.1)
    return False


def _is_locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    fcntl.flock(descriptor, fcntl.LOCK_UN)
    return False


def _taken(data: Path) -> str:
    running = find_running(data)
    if running is None:
        return f"`tokens up` is starting on {data} already"
    return f"`tokens up` runs on {data} already: {running.address} (process {running.process})"
