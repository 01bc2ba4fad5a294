"""Writes the table of columns into `docs/report.md`: `python -m projections.document`."""

import re
from pathlib import Path

from projections.columns import COLUMNS
from projections.listing import Column

REPORT = Path(__file__).parent.parent / "docs" / "report.md"

_TABLE = re.compile(
    r"(?<=<!-- columns: made by python -m projections\.document -->\n).*?(?=<!-- end -->)", re.DOTALL
)


def columns_table() -> str:
    """The columns, as a table in Markdown."""
    rows = [_row(column) for column in COLUMNS]
    return "\n".join(["| column | title | type | what it says |", "| --- | --- | --- | --- |", *rows, ""])


def with_columns_table(markdown: str) -> str:
    """The document with its table brought up to date. Raises ValueError where it has no place for one."""
    document, places = _TABLE.subn(lambda _: columns_table(), markdown)
    if places != 1:
        raise ValueError(f"the document has {places} places for the table of columns instead of one")
    return document


def _row(column: Column) -> str:
    return f"| `{column.key}` | {column.title_in('zone')} | {column.type} | {column.doc} |"


if __name__ == "__main__":
    REPORT.write_text(with_columns_table(REPORT.read_text(encoding="utf-8")), encoding="utf-8")
