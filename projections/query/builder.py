"""The one place where a question becomes SQL, which reads the function of its listing and is held to a scope."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from projections.listing import Column
from projections.query.arguments import Arguments
from projections.query.cursor import Position
from projections.query.filters import filters_condition
from projections.query.report import Report
from projections.query.scope import scope_condition
from projections.query.sorting import beyond_condition, key_sql, order_sql

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Statement(NamedTuple):
    """SQL and the values of its placeholders."""

    sql: str
    arguments: list[object]


def page_statement(report: Report, limit: int, after: Position | None) -> Statement:
    """One page, in order, `limit` rows at most: the cells asked for, then the sort key and the row's own."""
    arguments = Arguments()
    cells = [column.key for column in report.columns]
    cells.append("null" if report.sort.column is None else key_sql(report.sort.column))
    cells.append(report.listing.key)
    rows = rows_sql(report, ", ".join(cells), arguments, after)
    return Statement(
        f"{rows} order by {order_sql(report.sort, report.listing)} limit {arguments.bind(limit, 'integer')}",
        arguments.values,
    )


def count_statement(report: Report) -> Statement:
    """How many rows the whole list has."""
    arguments = Arguments()
    return Statement(rows_sql(report, "count(*)", arguments), arguments.values)


def list_statement(report: Report, cell: Callable[[Column], str]) -> Statement:
    """The whole list, in order; `cell` gives the SQL of a column's cell."""
    arguments = Arguments()
    rows = rows_sql(report, ", ".join(cell(column) for column in report.columns), arguments)
    return Statement(f"{rows} order by {order_sql(report.sort, report.listing)}", arguments.values)


def rows_sql(report: Report, selected: str, arguments: Arguments, after: Position | None = None) -> str:
    """`select` these expressions `from` the rows that the report asks for, its scope included, in no order."""
    source = f"select {selected} from {report.listing.source}({instant_sql(report.as_of, arguments)})"
    conditions = [
        scope_condition(report.scope, arguments),
        filters_condition(report.filters, report.match, report.today, arguments),
        None
        if after is None
        else beyond_condition(report.sort, report.listing, after.sort_key, after.row_key, arguments),
    ]
    given = [condition for condition in conditions if condition is not None]
    return f"{source} where {' and '.join(given)}" if given else source


def instant_sql(instant: int, arguments: Arguments) -> str:
    """The placeholder of an instant (microseconds)."""
    return arguments.bind(_EPOCH + timedelta(microseconds=instant), "timestamptz")
