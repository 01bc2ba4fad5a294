"""The table of a list: its heads, which sort it, and its cells as text."""

from dataclasses import dataclass

from projections.columns import TOKENS
from projections.listing import Column, ColumnType, Listing
from projections.query.report import Report
from projections.query.sorting import Sort
from projections.web.address import Address, token_path


@dataclass(frozen=True, slots=True)
class Head:
    """A column's title, the address that sorts by it (or no longer does), and how it is sorted now."""

    key: str
    title: str
    doc: str
    kind: str
    sorted: str | None
    address: Address


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as text, empty where it is; `parts` are the words of a list. `address` is where it leads."""

    kind: str
    text: str
    parts: tuple[str, ...] = ()
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """The exact key of a row, and its cells."""

    key: str
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Table:
    """Heads and rows."""

    heads: list[Head]
    rows: list[Row]


def heads_of(report: Report, address: Address, zone_title: str) -> list[Head]:
    """One for each column shown."""
    return [_head(column, report.sort, address, zone_title) for column in report.columns]


def rows_of(report: Report, columns: tuple[Column, ...], rows: list[dict[str, object]]) -> list[Row]:
    """The rows with these columns; they hold the key's cell whether it is shown or not."""
    key = report.listing.key
    # The first cell names its row, and leads to the token where no other does.
    linked = key if any(column.key == key for column in columns) else columns[0].key
    return [
        Row(str(row[key]), [_cell(report.listing, column, row, column.key == linked) for column in columns])
        for row in rows
    ]


def with_key(report: Report) -> tuple[Column, ...]:
    """The columns to read: those shown, and the key's."""
    if any(column.key == report.listing.key for column in report.columns):
        return report.columns
    key = report.listing.column(report.listing.key)
    assert key is not None
    return (*report.columns, key)


def _head(column: Column, sort: Sort, address: Address, zone_title: str) -> Head:
    state = None
    following: str | None = column.key
    if sort.column is column:
        state = "descending" if sort.descending else "ascending"
        following = None if sort.descending else f"-{column.key}"
    title = column.title_in(zone_title)
    return Head(column.key, title, column.doc, column.type, state, address.having(sort=following))


def _cell(listing: Listing, column: Column, row: dict[str, object], is_linked: bool) -> Cell:
    value = row[column.key]
    if value is None:
        text, parts = "", ()
    elif column.type is ColumnType.LIST:
        assert isinstance(value, list)
        text, parts = ",".join(value), tuple(value)
    else:
        text, parts = str(value), ()
    address = None
    if is_linked and listing is TOKENS:
        address = token_path(str(row[listing.key]))
    elif text and column.key in ("token_serial", "active_token") and listing is not TOKENS:
        address = token_path(text)
    return Cell(column.type, text, parts, address)
