"""The figures of reading as tables: for the terminal, and in Markdown for the docs."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.reads.measure import Answers
from bench.reads.questions import Sample
from bench.reads.written import Cost
from bench.report import machine
from bench.summary import median_and_p99

DOCUMENT = Path(__file__).parent.parent.parent / "docs" / "benchmarks.md"

_SECOND = {"Sorted by": "descending"}
_COST_TITLES = ("index", "put in: µs", "WAL B", "changed: µs", "WAL B", "disk B")

Lines = list[tuple[str, ...]]


def show(console: Console, answers: Sequence[Answers]) -> None:
    """Print a table for each heading."""
    for title, *rows in _tables(answers):
        _print(console, title, rows)


def save(path: Path, tokens: int, asked: Sample, answers: Sequence[Answers], pace: str) -> str:
    """Write the tables as Markdown; gives what was written."""
    of_one = f"{asked.tokens_of_largest:,} of them of one organization"
    about = f"{machine()}; {tokens:,} tokens, {of_one}; {_all_pages(answers)}; {pace}."
    text = "\n".join([f"{about}\n", *map(_markdown, _tables(answers))])
    path.write_text(text)
    return text


def show_costs(console: Console, costs: Sequence[Cost]) -> None:
    """Print what indexes cost those who write, a row of the table of tokens."""
    _print(console, _COST_TITLES, list(map(_cost_row, costs)))


def save_costs(path: Path, tokens: int, costs: Sequence[Cost]) -> str:
    """Write the same as Markdown; gives what was written."""
    table = _markdown([_COST_TITLES, *map(_cost_row, costs)])
    text = f"{machine()}; beside {tokens:,} tokens.\n\n{table}"
    path.write_text(text)
    return text


def put_into_document(name: str, text: str) -> None:
    """Put a text between the marks of that name in the docs, where they are."""
    marked = re.compile(rf"(<!-- {re.escape(name)}: [^\n]*-->\n).*?(<!-- end -->)", re.DOTALL)
    document = DOCUMENT.read_text(encoding="utf-8")
    DOCUMENT.write_text(marked.sub(lambda found: f"{found[1]}{text}{found[2]}", document), encoding="utf-8")


def _all_pages(answers: Sequence[Answers]) -> str:
    """Of each kind of page as many times as of any other: those that took long were asked for less often."""
    pages = [each.milliseconds for each in answers if each.question.is_page]
    times = [each[len(each) * percent // 100] for each in pages for percent in range(100)]
    median, p99 = map(_rounded, median_and_p99(times))
    return f"of pages of all {len(pages)} kinds, half took up to {median} ms, 99 of 100 up to {p99}"


def _tables(answers: Sequence[Answers]) -> Iterator[Lines]:
    for heading, group in groupby(answers, key=lambda each: each.question.heading):
        rows = [list(of_name) for _, of_name in groupby(group, key=lambda each: each.question.name)]
        has_second = any(each.question.second for row in rows for each in row)
        second = (_SECOND.get(heading, "with count"), "p99") if has_second else ()
        yield [
            (heading, "ms", "p99", *second, "count", "how Postgres finds the rows"),
            *(_row(row, has_second) for row in rows),
        ]


def _row(row: Sequence[Answers], has_second: bool) -> tuple[str, ...]:
    times = [_rounded(time) for each in row for time in median_and_p99(each.milliseconds)]
    count = next((f"{each.count:,}" for each in row if each.count is not None), "")
    how = " · ".join(dict.fromkeys(each.plan for each in row))
    return row[0].question.name, *times, *([""] * (4 - len(times)) if has_second else ()), count, how


def _rounded(milliseconds: float) -> str:
    return f"{milliseconds:.1f}" if milliseconds < 10 else f"{milliseconds:,.0f}"


def _cost_row(each: Cost) -> tuple[str, ...]:
    put = (f"{each.put_us:.1f}", f"{each.put_wal:,.0f}")
    change = (f"{each.change_us:.1f}", f"{each.change_wal:,.0f}")
    return each.name, *put, *change, f"{each.disk:,.0f}"


def _markdown(lines: Lines) -> str:
    header, *rows = lines
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (header, ["---"] * len(header), *rows))


def _print(console: Console, title: tuple[str, ...], rows: Lines) -> None:
    table = Table(*title)
    for row in rows:
        table.add_row(*row)
    console.print(table)
