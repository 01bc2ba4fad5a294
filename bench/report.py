"""The results: a table on the terminal, and their part of the docs with a picture."""

import os
import platform
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.bars import bars
from bench.lineup import THE_LOOP
from bench.summary import MEASURES, Figure, Round, figures, ratio

DOCS = Path(__file__).parents[1] / "docs"
_PAGE = "benchmarks.md"
_RATIO = f"× {THE_LOOP}"


def show(console: Console, rounds: Sequence[Round]) -> None:
    """Print the table."""
    show_table(console, _table(rounds), f"median (least–most) of {len(rounds)} interleaved runs")


def show_table(console: Console, rows: Sequence[Sequence[str]], title: str = "") -> None:
    """Print rows, the first of which are the titles."""
    header, *others = rows
    table = Table(*header, title=title)
    for row in others:
        table.add_row(*row)
    console.print(table)


def write_docs(rounds: Sequence[Round], kind: str, of_what: str) -> None:
    """Put the table and its picture into the docs, between the markers of this kind. Raises ValueError without them."""
    values = {
        name: ratio(rounds, name, THE_LOOP) if THE_LOOP in rounds[0] else figures(rounds, name)[0]
        for name in rounds[0]
    }
    picture = DOCS / "pictures" / f"bench-{kind}.svg"
    picture.write_text(bars(f"Events per second, × {THE_LOOP}", values))
    runs = f"median (least–most) of {len(rounds)} interleaved runs" if len(rounds) > 1 else "one run of each"
    body = about(of_what, runs) + markdown(_table(rounds))
    body += f"\n![Events per second beside the loop's](pictures/{picture.name})\n"
    insert(kind, body)


def about(of_what: str, *more: str) -> str:
    """The line before a table in the docs."""
    return "; ".join([of_what, f"{machine()}, Kafka 4.3.1, Postgres 18", *more]) + ":\n\n"


def insert(kind: str, body: str) -> None:
    """Replace what is between the markers of this kind. Raises ValueError where there are none."""
    page = DOCS / _PAGE
    begin, end = f"<!-- bench:{kind} -->\n", f"<!-- /bench:{kind} -->\n"
    text = page.read_text()
    before, after = text[: text.index(begin)], text[text.index(end) :]
    page.write_text(f"{before}{begin}{body}{after}")


def markdown(table: Sequence[Sequence[str]]) -> str:
    """A table whose first row are its titles."""
    header, *rows = table
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (header, ["---"] * len(header), *rows))


def machine() -> str:
    """What it ran on."""
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"


def _table(rounds: Sequence[Round]) -> list[list[str]]:
    """With a row of titles: one row per contender, one column per measure."""
    beside = THE_LOOP in rounds[0]
    table = [["", *([_RATIO] if beside else []), *(measure.title for measure in MEASURES)]]
    for name in rounds[0]:
        ratios = [cell(ratio(rounds, name, THE_LOOP), 2)] if beside else []
        cells = zip(figures(rounds, name), MEASURES, strict=True)
        table.append([name, *ratios, *(cell(value, measure.digits) for value, measure in cells)])
    return table


def cell(value: Figure, digits: int) -> str:
    median, least, most = (f"{each:,.{digits}f}" for each in value)
    return median if least == most else f"{median} ({least}–{most})"
