"""The head of a table, whose titles sort it."""

from dataclasses import dataclass

from projections.listing import Column
from projections.query.report import Report
from projections.query.sorting import Sort
from projections.web.address import Address


@dataclass(frozen=True, slots=True)
class Head:
    """A column's title, the address that sorts by it (or no longer does), and how it is sorted now."""

    key: str
    title: str
    doc: str
    kind: str
    sorted: str | None
    address: Address


def heads_of(report: Report, address: Address, zone_title: str) -> list[Head]:
    """One for each column shown."""
    return [_head(column, report.sort, address, zone_title) for column in report.columns]


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
