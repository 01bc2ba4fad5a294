"""The results: a table on the terminal, JSON to compare with later ones, and their part of the docs with a picture."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.bars import bars
from bench.event_set import EventSet
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


def save(folder: Path, events: EventSet, rounds: Sequence[Round], kind: str) -> Path:
    """Write the results as JSON; gives its path."""
    at = datetime.now(UTC)
    path = folder / f"{kind}-{at:%Y%m%dT%H%M%SZ}.json"
    content = {
        "at": at.isoformat(timespec="seconds"),
        "machine": machine(),
        "events": {"messages": events.messages, "tokens": events.tokens, "digest": events.digest},
        "rounds": [{name: asdict(run) for name, run in each.items()} for each in rounds],
    }
    path.write_text(json.dumps(content, indent=1) + "\n")
    return path


def write_docs(rounds: Sequence[Round], kind: str, of_what: str) -> None:
    """Put the table and its picture into the docs, between the markers of this kind. Raises ValueError without them."""
    values = {
        name: ratio(rounds, name, THE_LOOP) if THE_LOOP in rounds[0] else figures(rounds, name)[0]
        for name in rounds[0]
    }
    picture = DOCS / "pictures" / f"bench-{kind}.svg"
    picture.write_text(bars(f"Events per second, × {THE_LOOP}", values))
    runs = f"median (least–most) of {len(rounds)} interleaved runs" if len(rounds) > 1 else "one run of each"
    body = f"{of_what}; {machine()}, Kafka 4.3.1, Postgres 18; {runs}:\n\n"
    body += markdown(_table(rounds))
    body += f"\n![Events per second beside the loop's](pictures/{picture.name})\n"
    insert(kind, body)


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
        ratios = [_cell(ratio(rounds, name, THE_LOOP), 2)] if beside else []
        cells = zip(figures(rounds, name), MEASURES, strict=True)
        table.append([name, *ratios, *(_cell(value, measure.digits) for value, measure in cells)])
    return table


def _cell(value: Figure, digits: int) -> str:
    median, least, most = (f"{each:,.{digits}f}" for each in value)
    return median if least == most else f"{median} ({least}–{most})"
