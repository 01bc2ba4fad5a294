"""What processes cost, from outside (Linux: `/proc`)."""

import os
from collections.abc import Iterable
from pathlib import Path

_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


def cpu_seconds(root: int) -> float:
    """CPU time of a process, its living descendants, and those descendants that it has buried."""
    stats = [stat for pid in _with_descendants(root) if (stat := _stat(pid))]
    # utime, stime, and of ended children cutime, cstime
    return sum(int(field) for stat in stats for field in stat[11:15]) / _TICKS_A_SECOND


def busy_seconds() -> float:
    """CPU time of everything on this machine since its start, time stolen by other machines included."""
    fields = Path("/proc/stat").read_text().splitlines()[0].split()[1:9]
    user, nice, system, _, _, interrupts, soft_interrupts, stolen = map(int, fields)
    return (user + nice + system + interrupts + soft_interrupts + stolen) / _TICKS_A_SECOND


def peak_memory_bytes(pid: int) -> int:
    """The most memory that a process ever had resident."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise ProcessLookupError(pid)


def _with_descendants(root: int) -> Iterable[int]:
    children: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit() and (stat := _stat(int(entry))):
            children.setdefault(int(stat[1]), []).append(int(entry))
    waiting = [root]
    while waiting:
        pid = waiting.pop()
        yield pid
        waiting.extend(children.get(pid, ()))


def _stat(pid: int) -> list[str] | None:
    """The fields after the command's name, which may hold blanks itself; None where the process has ended."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return text.rpartition(")")[2].split()
