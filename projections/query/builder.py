"""The one place where a question becomes SQL, which reads the function of its listing and is held to a scope."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from projections.listing import Column
from projections.query.arguments import Arguments
from projections.query.cursor import Position
from projections.query.filters import filters_condition
from projections.query.report import Among, Report
from projections.query.scope import scope_condition
from projections.query.sorting import beyond_condition, key_sql, order_sql

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_WEIGHED = 1_000
"""Cells that Postgres looks at one by one to tell how many rows they bring; for more, that would take too long."""


class Statement(NamedTuple):
    """SQL and the values of its placeholders."""

    sql: str
    arguments: list[object]


def page_statement(report: Report, limit: int, after: Position | None) -> Statement:
    """One page, in order, `limit` rows at most: the cells asked for, then the sort key and the row's own."""
    arguments = Arguments()
    beyond = (
        []
        if after is None
        else [beyond_condition(report.sort, report.listing, after.sort_key, after.row_key, arguments)]
    )
    return ordered_statement(report, beyond, order_sql(report.sort, report.listing), limit, arguments)


def ordered_statement(
    report: Report, conditions: Sequence[str], order: str, limit: int, arguments: Arguments
) -> Statement:
    """The rows of a page that pass more conditions, whose values are among the arguments, in an order of their own."""
    rows = rows_sql(report, page_cells(report), arguments, conditions)
    return Statement(f"{rows} order by {order} limit {arguments.bind(limit, 'integer')}", arguments.values)


def page_cells(report: Report) -> str:
    """What is selected of each row of a page."""
    cells = [column.key for column in report.columns]
    cells.append("null" if report.sort.column is None else key_sql(report.sort.column))
    return ", ".join([*cells, report.listing.key])


def list_statement(report: Report, cell: Callable[[Column], str], *more: str) -> Statement:
    """The whole list, in order; `cell` gives the SQL of a column's cell, and `more` is selected after the cells."""
    arguments = Arguments()
    selected = [*(cell(column) for column in report.columns), *more]
    rows = rows_sql(report, ", ".join(selected), arguments)
    return Statement(f"{rows} order by {order_sql(report.sort, report.listing)}", arguments.values)


def rows_sql(report: Report, selected: str, arguments: Arguments, conditions: Sequence[str] = ()) -> str:
    """`select` these expressions `from` the rows that the report asks for, its scope included, in no order.

    `conditions` are more than the report's own.
    """
    source = f"select {selected} from {report.listing.source}({instant_sql(report.as_of, arguments)})"
    own = [
        scope_condition(report.scope, arguments),
        _among_condition(report.among, arguments),
        filters_condition(report.filters, report.match, report.today, arguments),
    ]
    given = [condition for condition in (*own, *conditions) if condition is not None]
    return f"{source} where {' and '.join(given)}" if given else source


def instant_sql(instant: int, arguments: Arguments) -> str:
    """The placeholder of an instant (microseconds)."""
    return arguments.bind(_EPOCH + timedelta(microseconds=instant), "timestamptz")


def _among_condition(among: tuple[Among, ...], arguments: Arguments) -> str | None:
    if not among:
        return None
    conditions = []
    for each in among:
        if len(each.cells) == 1:
            # An index gives the rows of one cell, and not of several, in order.
            conditions.append(f"{each.key} = {arguments.bind(each.cells[0], 'text')}")
            continue
        cells = arguments.bind(each.cells, "text[]")
        if len(each.cells) > _MOST_WEIGHED:
            cells = f"array(select unnest({cells}))"
        conditions.append(f"{each.key} = any({cells})")
    return f"({' or '.join(conditions)})"
