"""The figures of exports as tables: for the terminal, and in Markdown for the docs."""

import statistics
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.exports.measure import Crowd, ExportRun
from bench.report import machine, markdown
from bench.summary import median_and_p99

_RUNS = (
    "",
    r"× `\copy`",
    "rows/s",
    "seconds",
    "to the first byte",
    "client CPU s",
    "Postgres CPU s",
    "memory MB",
    "file MB",
)
_CROWDS = ("exports at once", "seconds", "page ms", "p99", "small call ms", "p99", "API and exports MB")


Rounds = Sequence[Sequence[ExportRun]]
"""Of each round the same files, `psql`'s first."""


def show(console: Console, rounds: Rounds, crowds: Sequence[Crowd]) -> None:
    """Print both tables."""
    for header, *rows in (_run_rows(rounds), _crowd_rows(crowds)):
        table = Table(*header)
        for row in rows:
            table.add_row(*row)
        console.print(table)


def save(path: Path, rounds: Rounds, crowds: Sequence[Crowd]) -> str:
    """Write both tables as Markdown; gives what was written."""
    about = (
        f"{rounds[0][0].rows:,} tokens × 22 columns; {machine()}; median of {len(rounds)} interleaved runs:\n"
    )
    at_once = "Ten at once, each of the whole list, beside somebody who reads the first page (100 rows) and\n"
    at_once += "`/api/columns` in turn:\n"
    text = "\n".join([about, markdown(_run_rows(rounds)), at_once, markdown(_crowd_rows(crowds))])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return text


def _run_rows(rounds: Rounds) -> list[Sequence[str]]:
    rows: list[Sequence[str]] = [_RUNS]
    for runs in zip(*rounds, strict=True):
        run = sorted(runs, key=lambda each: each.seconds)[len(runs) // 2]
        beside = [copied.seconds / each.seconds for each, (copied, *_) in zip(runs, rounds, strict=True)]
        ratio = statistics.median(beside)
        seconds = (f"{run.seconds:.1f}", f"{run.first_byte_seconds:.1f}" if run.file_bytes else "")
        cpu = (f"{run.client_cpu_seconds:.1f}", f"{run.postgres_cpu_seconds:.1f}")
        sizes = (f"{run.memory_bytes / 1e6:,.0f}", f"{run.file_bytes / 1e6:,.0f}" if run.file_bytes else "")
        rows.append((run.name, f"{ratio:.2f}", f"{run.rows / run.seconds:,.0f}", *seconds, *cpu, *sizes))
    return rows


def _crowd_rows(crowds: Sequence[Crowd]) -> list[Sequence[str]]:
    rows: list[Sequence[str]] = [_CROWDS]
    for crowd in crowds:
        times = (f"{each:.0f}" for of in (crowd.page_ms, crowd.small_ms) for each in median_and_p99(of))
        rows.append((crowd.exports, f"{crowd.seconds:.0f}", *times, f"{crowd.memory_bytes / 1e6:,.0f}"))
    return rows
