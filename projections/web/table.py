"""The table of a list: its heads, which sort it, and its cells as text."""

from collections.abc import Callable
from dataclasses import dataclass

from projections.listing import Column
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
class Part:
    """A word of a list, and where it leads."""

    text: str
    address: str | None


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as text, empty where it is; `parts` are the words of a list. `address` is where it leads."""

    kind: str
    text: str
    parts: tuple[Part, ...] = ()
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
    links = [_LINKS.get((report.listing.name, column.key)) for column in columns]
    return [
        Row(
            str(row[key]),
            [_cell(column, row[column.key], link) for column, link in zip(columns, links, strict=True)],
        )
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


def _cell(column: Column, value: object, link: Callable[[str], str] | None) -> Cell:
    if value is None or value == []:
        return Cell(column.type, "")
    if isinstance(value, list):
        parts = tuple(Part(each, link and link(each)) for each in value)
        return Cell(column.type, ",".join(value), parts)
    text = str(value)
    return Cell(column.type, text, address=link and link(text))


def _filtered(path: str, column: str) -> Callable[[str], str]:
    """The page of a list with the rows that have a value in a column."""
    return lambda value: str(Address(path, (("filter", f"{column}:is:{value}"),)))


_LINKS: dict[tuple[str, str], Callable[[str], str]] = {
    ("service-tokens", "token_serial"): token_path,
    ("service-tokens", "station_serial"): _filtered("/stations", "station_serial"),
    ("service-tokens", "sales_order"): _filtered("/orders", "sales_order"),
    ("stations", "station_serial"): _filtered("/", "station_serial"),
    ("stations", "active_token"): token_path,
    ("stations", "active_tokens"): token_path,
    ("stations", "queued_tokens"): token_path,
    ("stations", "overlapping_tokens"): token_path,
    ("orders", "sales_order"): _filtered("/", "sales_order"),
}
"""Where cells lead, by the name of their list and the key of their column."""
