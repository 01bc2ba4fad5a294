"""Rows of the report as a table that fits the terminal, or one below the other where no table would."""

import unicodedata
from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from projections.columns import TOKENS
from projections.listing import Column, Listing
from projections.orders.columns import ORDERS
from projections.stations.columns import STATIONS

# Which columns to show where there is not room for all, the most wanted first.
_WANTED = {
    TOKENS.name: (
        *("token_serial", "status", "expiration_date", "org_name", "station_serial", "cloud_plan"),
        *("term_years", "activation_date", "customer_name", "sales_order"),
    ),
    STATIONS.name: (
        *("station_serial", "coverage", "covered_until", "gap_since", "org_name", "active_token"),
        *("queued_tokens", "station_name"),
    ),
    ORDERS.name: (
        *("sales_order", "line", "state", "quantity", "named", "shipped", "missing", "order_date"),
        *("customer_name", "part_number"),
    ),
}
_PADDING = 2
Row = dict[str, object]


def fitting_columns(
    rows: Sequence[Row], zone_title: str, width: int, listing: Listing = TOKENS
) -> tuple[Column, ...]:
    """As many of the standard columns as fit beside each other, the most wanted first, in the order of the list."""
    standard, wanted = listing.standard_columns, _WANTED[listing.name]
    ranked = sorted(
        standard, key=lambda column: wanted.index(column.key) if column.key in wanted else len(wanted)
    )
    left, chosen = width, []
    for column in ranked:
        needed = _width(column, rows, zone_title)
        if needed <= left:
            left -= needed
            chosen.append(column)
    return tuple(column for column in standard if column in chosen) or standard[:1]


def show_rows(console: Console, rows: Sequence[Row], columns: Sequence[Column], zone_title: str) -> None:
    """Print the cells of these columns: beside each other where they fit, else one below the other."""
    widths = [_width(column, rows, zone_title) for column in columns]
    if sum(widths) <= console.width:
        console.print(_table(rows, columns, zone_title, _widened(widths, columns, zone_title, console.width)))
    else:
        console.print(Group(*(_record(row, columns, zone_title) for row in rows)))


def cell_text(value: object) -> str:
    """A cell as the report shows it, on one line and without what would drive the terminal."""
    text = "" if value is None else ",".join(value) if isinstance(value, list) else str(value)
    return "".join(" " if unicodedata.category(each) in ("Cc", "Zl", "Zp") else each for each in text)


def _table(
    rows: Sequence[Row], columns: Sequence[Column], zone_title: str, widths: Sequence[int]
) -> RenderableType:
    table = Table(box=None, pad_edge=False, padding=(0, _PADDING, 0, 0), header_style="bold")
    for column, width in zip(columns, widths, strict=True):
        title = Text(column.title_in(zone_title))
        table.add_column(title, width=width - _PADDING, overflow="fold", vertical="bottom")
    for row in rows:
        table.add_row(*(Text(cell_text(row[column.key])) for column in columns))
    return table


def _record(row: Row, columns: Sequence[Column], zone_title: str) -> RenderableType:
    record = Table(box=None, pad_edge=False, padding=(0, _PADDING, 0, 0), show_header=False)
    record.add_column(style="bold")
    record.add_column(overflow="fold")
    for column in columns:
        record.add_row(Text(column.title_in(zone_title)), Text(cell_text(row[column.key])))
    record.add_row("", "")
    return record


def _widened(widths: Sequence[int], columns: Sequence[Column], zone_title: str, room: int) -> list[int]:
    """Give titles one line as far as there is room, beginning with those that need the least for it."""
    widened = list(widths)
    whole = [cell_len(column.title_in(zone_title)) + _PADDING for column in columns]
    for place in sorted(range(len(widths)), key=lambda place: whole[place] - widths[place]):
        more = whole[place] - widened[place]
        if 0 < more <= room - sum(widened):
            widened[place] += more
    return widened


def _width(column: Column, rows: Sequence[Row], zone_title: str) -> int:
    """What a column needs: its longest cell; its title may take several lines, a word on each."""
    words = (cell_len(word) for word in column.title_in(zone_title).split())
    cells = (cell_len(cell_text(row[column.key])) for row in rows)
    return max(*words, *cells, 0) + _PADDING
