"""A page of a diff for people: each token, and below it the cells that differ."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from projections.diff.page import Difference, DiffPage
from projections.diff.request import DiffRequest
from projections.listing import Column
from schemas.instants import format_instant
from tokens.report_table import cell_text

_EMPTY = "(empty)"


def show_diff(page: DiffPage, asked: DiffRequest, zone_title: str) -> None:
    """Print a page, and what it is a part of."""
    console = Console(highlight=False)
    for each in page.differences:
        console.print(Text(_heading(each), style="bold"), soft_wrap=True)
        if each.before is not None and each.after is not None:
            console.print(_changes(each.before, each.after, asked.report.columns, zone_title))
    whole = "" if page.count is None else f" of {page.count:,}"
    noun = "token differs" if len(page.differences) == 1 and not whole else "tokens differ"
    notes = [
        f"{len(page.differences):,}{whole} {noun} "
        f"from {format_instant(page.since)} to {format_instant(page.until)}"
    ]
    if page.next is not None:
        notes.append(f"next page: --after {page.next}")
    for note in notes:
        # Never folded: a cursor is there to be copied.
        console.print(Text(note, style="dim"), soft_wrap=True)


def _heading(each: Difference) -> str:
    serial = cell_text(each.token_serial)
    if each.before is None:
        return f"{serial} appeared in the report"
    return f"{serial} left the report" if each.after is None else serial


def _changes(
    before: dict[str, object], after: dict[str, object], columns: tuple[Column, ...], zone_title: str
) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    table.add_column()
    table.add_column(overflow="fold")
    for column in columns:
        if column.key in before:
            cells = (cell_text(side[column.key]) or _EMPTY for side in (before, after))
            table.add_row(Text(f"  {column.title_in(zone_title)}"), Text(" → ".join(cells)))
    return table
