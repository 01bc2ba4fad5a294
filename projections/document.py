"""Writes the tables of columns and of closed lists into the documents: `python -m projections.document`."""

import re
from collections.abc import Iterable
from pathlib import Path

from lifecycle.coverage import Coverage
from lifecycle.order_states import OrderState
from projections.listing import Listing
from projections.listings import LISTINGS

DOCS = Path(__file__).parent.parent / "docs"
REPORT = DOCS / "report.md"
LISTS = DOCS / "lists.md"

_PLACE = re.compile(
    r"(<!-- ([a-z ]+): made by python -m projections\.document -->\n).*?(?=<!-- end -->)", re.DOTALL
)


def with_tables(markdown: str) -> str:
    """The document with its tables brought up to date. Raises ValueError where it has places for none."""
    document, places = _PLACE.subn(lambda place: place[1] + _tables()[place[2]], markdown)
    if not places:
        raise ValueError("the document has no places for tables")
    return document


def _tables() -> dict[str, str]:
    return {
        "columns": columns_table(LISTINGS["tokens"]),
        "columns of stations": columns_table(LISTINGS["stations"]),
        "columns of order lines": columns_table(LISTINGS["orders"]),
        "coverage": _meanings("coverage", ((str(each), each.meaning) for each in Coverage)),
        "states of order lines": _meanings("state", ((str(each), each.meaning) for each in OrderState)),
    }


def columns_table(listing: Listing) -> str:
    """The columns of a list, as a table in Markdown."""
    rows = [
        f"| `{column.key}` | {column.title_in('zone')} | {column.type} | {column.doc} |"
        for column in listing.columns
    ]
    return "\n".join(["| column | title | type | what it says |", "| --- | --- | --- | --- |", *rows, ""])


def _meanings(title: str, rows: Iterable[tuple[str, str]]) -> str:
    lines = [f"| {word} | {meaning} |" for word, meaning in rows]
    return "\n".join([f"| {title} | when |", "| --- | --- |", *lines, ""])


if __name__ == "__main__":
    for path in (REPORT, LISTS):
        path.write_text(with_tables(path.read_text(encoding="utf-8")), encoding="utf-8")
