"""The results: a table on the terminal, Markdown for the docs, JSON to compare with later ones."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.event_set import EventSet
from bench.lineup import THE_LOOP
from bench.summary import MEASURES, Figure, Round, figures, ratio


def show(console: Console, rounds: Sequence[Round]) -> None:
    """Print the table."""
    header, *rows = _table(rounds)
    table = Table(*header, title=f"median (least–most) of {len(rounds)} interleaved runs")
    for row in rows:
        table.add_row(*row)
    console.print(table)


def save(folder: Path, events: EventSet, rounds: Sequence[Round], kind: str) -> Path:
    """Write the results as JSON and, beside it, as a Markdown table; gives the JSON's path."""
    at = datetime.now(UTC)
    path = folder / f"{kind}-{at:%Y%m%dT%H%M%SZ}.json"
    known = {"messages": events.messages, "tokens": events.tokens, "digest": events.digest}
    content = {
        "at": at.isoformat(timespec="seconds"),
        "machine": machine(),
        "events": known,
        "rounds": [{name: asdict(run) for name, run in each.items()} for each in rounds],
    }
    path.write_text(json.dumps(content, indent=1) + "\n")
    header, *rows = _table(rounds)
    lines = [header, ["---"] * len(header), *rows]
    markdown = "".join(f"| {' | '.join(cells)} |\n" for cells in lines)
    path.with_suffix(".md").write_text(f"{machine()}; {_set(events)}.\n\n{markdown}")
    return path


def machine() -> str:
    """What it ran on."""
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"


def _set(events: EventSet) -> str:
    return f"{events.messages:,} messages about {events.tokens:,} tokens"


def _table(rounds: Sequence[Round]) -> list[list[str]]:
    """With a row of titles: one row per measure, one column per contender."""
    contenders = list(rounds[0])
    by_contender = [figures(rounds, name) for name in contenders]
    table = [["", *contenders]]
    if THE_LOOP in contenders:
        ratios = (ratio(rounds, name, THE_LOOP) for name in contenders)
        table.append([f"× {THE_LOOP}", *(_cell(each, 2) for each in ratios)])
    for number, measure in enumerate(MEASURES):
        table.append([measure.title, *(_cell(each[number], measure.digits) for each in by_contender)])
    return table


def _cell(value: Figure, digits: int) -> str:
    median, least, most = (f"{each:,.{digits}f}" for each in value)
    return median if least == most else f"{median} ({least}–{most})"
