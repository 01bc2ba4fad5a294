"""A page of the report, or of another list, for people: a table, and below it what it is a part of."""

from rich.console import Console
from rich.text import Text

from projections.query.page import Page, PageRequest
from schemas.instants import format_instant
from tokens.report_table import fitting_columns, show_rows


def show_page(page: Page, asked: PageRequest, zone_title: str, *, fit: bool) -> None:
    """Print a page; with `fit`, those of its columns for which there is room."""
    console = Console(highlight=False)
    columns, listing = asked.report.columns, asked.report.listing
    if fit:
        columns = fitting_columns(page.rows, zone_title, console.width, listing)
    if page.rows:
        show_rows(console, page.rows, columns, zone_title)
        console.print()
    whole = "" if page.count is None else f" of {page.count:,}"
    noun = listing.one if len(page.rows) == 1 and not whole else listing.many
    notes = [f"{len(page.rows):,}{whole} {noun} as of {format_instant(asked.report.as_of)}"]
    if page.rows and len(columns) < len(asked.report.columns):
        notes.append(f"{len(columns)} of the {len(listing.standard_columns)} columns; all: --columns all")
    if page.next is not None:
        notes.append(f"next page: --after {page.next}")
    for note in notes:
        # Never folded: a cursor is there to be copied.
        console.print(Text(note, style="dim"), soft_wrap=True)
