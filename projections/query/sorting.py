"""The order of the rows: one column, empty cells last both ways, then the exact key of the row, ascending."""

from dataclasses import dataclass
from datetime import date

from projections.columns import TOKENS
from projections.listing import Column, ColumnType, Listing
from projections.query.arguments import Arguments
from projections.query.filters import lower_sql, text_sql
from projections.query.refusal import BadQuery, Refusal

SortKey = str | int | date | None
"""A cell as rows are ordered by it: text in lower case, a status by its place in the life of a token."""


@dataclass(frozen=True, slots=True)
class Sort:
    """By the exact key alone where `column` is None."""

    column: Column | None = None
    descending: bool = False


BY_KEY = Sort()


def parse_sort(text: str, listing: Listing = TOKENS) -> Sort:
    """Read a column's key, `-` first for descending. Raises `BadQuery`, which names the columns."""
    key = text.removeprefix("-")
    column = listing.column(key)
    if column is None:
        message = f"no column is called {key!r}; write one key, `-` first for descending"
        raise BadQuery(Refusal("sort", text, message, listing.keys))
    return Sort(column, text.startswith("-"))


def key_type(column: Column) -> type:
    """The Python type of the column's sort keys."""
    return {ColumnType.NUMBER: int, ColumnType.STATUS: int, ColumnType.DATE: date}.get(column.type, str)


def key_sql(column: Column) -> str:
    """The sort key of a cell, null where it is empty."""
    match column.type:
        case ColumnType.NUMBER | ColumnType.DATE:
            return column.key
        case ColumnType.STATUS:
            order = ", ".join(f"'{choice}'" for choice in column.choices)
            return f"array_position(array[{order}], {column.key})"
        case _:
            return lower_sql(text_sql(column))


def order_sql(sort: Sort, listing: Listing) -> str:
    """What stands behind `order by`."""
    if sort.column is None:
        return exact_key_sql(listing)
    return (
        f"{key_sql(sort.column)} {'desc' if sort.descending else 'asc'} nulls last, {exact_key_sql(listing)}"
    )


def beyond_condition(
    sort: Sort, listing: Listing, sort_key: SortKey, row_key: str, arguments: Arguments
) -> str:
    """The condition on which a row comes after the one with this sort key, and this key of its own."""
    later = f"{exact_key_sql(listing)} > {arguments.bind(row_key, 'text')}"
    if sort.column is None:
        return later
    cell = key_sql(sort.column)
    if sort_key is None:
        return f"({cell} is null and {later})"
    bound = bind_key(sort.column, sort_key, arguments)
    sign = "<" if sort.descending else ">"
    return f"({cell} {sign} {bound} or ({cell} = {bound} and {later}) or {cell} is null)"


def bind_key(column: Column, sort_key: SortKey, arguments: Arguments) -> str:
    """The placeholder of a sort key of the column."""
    return arguments.bind(sort_key, {int: "bigint", date: "date"}.get(key_type(column), "text"))


def exact_key_sql(listing: Listing) -> str:
    """The row's own key, by which its exact text is compared."""
    return f'{listing.key} collate "pg_c_utf8"'
