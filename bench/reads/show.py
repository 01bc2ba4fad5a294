"""The figures of reading as tables: for the terminal, and in Markdown for the docs."""

import statistics
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.reads.measure import Answers
from bench.reads.questions import Sample
from bench.report import machine

_TITLES = ("call", "median ms", "p99 ms", "count", "how Postgres finds the rows")


def show(console: Console, answers: Sequence[Answers]) -> None:
    """Print a table for each heading."""
    for heading, group in groupby(answers, key=lambda each: each.question.heading):
        table = Table(heading, *_TITLES[1:])
        for each in group:
            table.add_row(*_row(each))
        console.print(table)


def save(path: Path, tokens: int, asked: Sample, answers: Sequence[Answers]) -> None:
    """Write one table as Markdown, with a row for each heading."""
    lines = [_TITLES, ("---",) * len(_TITLES)]
    for heading, group in groupby(answers, key=lambda each: each.question.heading):
        lines.append((f"**{heading}**", "", "", "", ""))
        lines.extend(_row(each) for each in group)
    table = "".join(f"| {' | '.join(cells)} |\n" for cells in lines)
    path.write_text(
        f"{machine()}; {tokens:,} tokens, {asked.tokens_of_largest:,} of them of one organization.\n\n{table}"
    )


def _row(each: Answers) -> tuple[str, ...]:
    times = each.milliseconds
    p99 = times[round(0.99 * (len(times) - 1))]
    count = "" if each.count is None else f"{each.count:,}"
    return each.question.name, _rounded(statistics.median(times)), _rounded(p99), count, each.plan


def _rounded(milliseconds: float) -> str:
    return f"{milliseconds:.1f}" if milliseconds < 10 else f"{milliseconds:,.0f}"
