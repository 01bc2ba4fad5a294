"""The figures of reading as tables: for the terminal, and in Markdown for the docs."""

import statistics
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.reads.measure import Answers
from bench.reads.questions import Sample
from bench.reads.written import Cost
from bench.report import machine

_COST_TITLES = ("index", "put in: µs", "WAL B", "changed: µs", "WAL B", "disk B")
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


def show_costs(console: Console, costs: Sequence[Cost]) -> None:
    """Print what indexes cost those who write, a row of the table of tokens."""
    table = Table(*_COST_TITLES)
    for each in costs:
        table.add_row(*_cost_row(each))
    console.print(table)


def save_costs(path: Path, tokens: int, costs: Sequence[Cost]) -> None:
    """Write the same as Markdown."""
    lines = [_COST_TITLES, ("---",) * len(_COST_TITLES), *map(_cost_row, costs)]
    table = "".join(f"| {' | '.join(cells)} |\n" for cells in lines)
    path.write_text(f"{machine()}; beside {tokens:,} tokens.\n\n{table}")


def _cost_row(each: Cost) -> tuple[str, ...]:
    put = (f"{each.put_us:.1f}", f"{each.put_wal:,.0f}")
    change = (f"{each.change_us:.1f}", f"{each.change_wal:,.0f}")
    return each.name, *put, *change, f"{each.disk:,.0f}"
