"""Pages in the order of another column than the serial, found value by value instead of by sorting all rows.

What tokens have from their lines and shipments, and who owns them, has far fewer values than there are tokens, and
those are put in order first. Then the rows of the first values are read, and of the next ones, until the page is full.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from projections.columns import TOKENS
from projections.query.arguments import Arguments
from projections.query.builder import ordered_statement
from projections.query.cursor import Position
from projections.query.lookups import MOST_OWNERS, owners_sql
from projections.query.narrowing import MOST_FOR_PAGE, OF_LINE
from projections.query.report import Among, Report
from projections.query.scope import AllOrganizations
from projections.query.sorting import SortKey, bind_key, exact_key_sql, key_sql, order_sql

if TYPE_CHECKING:
    from projections.query.database import Reader

_MOST_PORTIONS = 6
_MOST_PORTIONS_FILTERED = 2
"""Where filters may leave nothing of many values, sorting what passes is soon the faster way."""
_MORE_EACH_TIME = 4
_MOST_VALUES = 1_000
_MOST_DAYS = 20
"""Of terms' ends, which are counted token by token."""

_TOKENS_OF_STATION = 1
_TOKENS_OF_OWNER = 150
"""More than a page has: one owner is tried first, since an index gives the tokens of one alone in order."""


class _Way(NamedTuple):
    """SQL of `(key, size, cells)`: sort keys, about how many tokens have each, and by which cells of the column
    `among` these are found. Of at most `values` keys at once.
    """

    among: str
    values: int
    sql: Callable[[Report, Arguments], str]

    async def is_whole(self, connection: "Reader", report: Report) -> bool:
        """Whether it gives all keys: of owners, it gives up after so many."""
        if self.sql is not _of_owners:
            return True
        arguments = Arguments()
        owners = owners_sql(self.among, report.as_of, arguments)
        count: int = await connection.fetchval(
            f"select count(*) from ({owners}) as owners", *arguments.values
        )
        return count <= MOST_OWNERS


class _Portion(NamedTuple):
    """The next keys, from the `first` to the `last`: all their rows are among these.

    Where that would be too much, `among` is None, and the portion is the first key alone.
    """

    first: SortKey
    last: SortKey
    among: Among | None


async def sorted_page(
    connection: "Reader", report: Report, limit: int, after: Position | None
) -> list[Any] | None:
    """The page as `page_statement` has it; None where walking does not pay.

    It is several statements, which the caller has in one snapshot.
    """
    way = _way(report)
    if way is None or report.among or not await way.is_whole(connection, report):
        return None
    records: list[Any] = []
    if after is None or after.sort_key is not None:
        bound, is_beyond, wanted = None if after is None else after.sort_key, False, limit
        for _ in range(_MOST_PORTIONS_FILTERED if report.filters else _MOST_PORTIONS):
            portion = await _next(connection, report, way, bound, is_beyond, wanted)
            if portion is None:
                break
            records += await _rows(connection, report, portion, limit - len(records), after)
            if len(records) == limit:
                return records
            bound, is_beyond, wanted = portion.last, True, wanted * _MORE_EACH_TIME
        else:
            return None
    return records + await _empty_rows(connection, report, limit - len(records), after)


def _way(report: Report) -> _Way | None:
    column = report.sort.column
    # What one organization has is sorted as fast.
    if column is None or report.listing is not TOKENS or not isinstance(report.scope, AllOrganizations):
        return None
    if column.key in OF_LINE:
        return _Way(TOKENS.key, _MOST_VALUES, _of_lines)
    if column.key == TOKENS.key:
        return _Way(TOKENS.key, _MOST_VALUES, _of_serials)
    if column.key == "station_serial":
        return _Way(column.key, _MOST_VALUES, _of_stations)
    if column.key == "ship_date":
        return _Way(TOKENS.key, _MOST_VALUES, _of_shipments)
    if column.key == "expiration_date":
        return _Way(TOKENS.key, _MOST_DAYS, _of_terms)
    if column.key in ("org_id", "org_name"):
        return _Way(column.key, _MOST_VALUES, _of_owners)
    return None


def _of_serials(report: Report, _: Arguments) -> str:
    assert report.sort.column is not None
    return f"select {key_sql(report.sort.column)} as key, 1 as size, array[token_serial] as cells from tokens"


def _of_stations(report: Report, _: Arguments) -> str:
    assert report.sort.column is not None
    return f"""
        select {key_sql(report.sort.column)} as key, {_TOKENS_OF_STATION} as size, array[station_serial] as cells
        from station_starts
    """


def _of_lines(report: Report, _: Arguments) -> str:
    assert report.sort.column is not None
    return f"""
        select {key_sql(report.sort.column)} as key, greatest(cardinality(named), quantity) as size,
            array(select unnest(named) union all select unnest(serials) from shipment_lines
                where shipment_lines.order_line = order_lines.order_line) as cells
        from order_lines
    """


def _of_shipments(_report: Report, _: Arguments) -> str:
    return "select ship_date as key, cardinality(serials) as size, serials as cells from shipment_lines"


def _of_terms(_report: Report, _: Arguments) -> str:
    return "select expiration_date as key, 1 as size, array[token_serial] as cells from tokens"


def _of_owners(report: Report, arguments: Arguments) -> str:
    column = report.sort.column
    assert column is not None
    return f"""
        select {key_sql(column)} as key, {_TOKENS_OF_OWNER} as size, array[{column.key}] as cells
        from ({owners_sql(column.key, report.as_of, arguments)}) as owners
    """


async def _next(
    connection: "Reader", report: Report, way: _Way, bound: SortKey, is_beyond: bool, wanted: int
) -> _Portion | None:
    """The portion behind a key, or from it on, with about as many rows as wanted; None where no key is left."""
    assert report.sort.column is not None
    arguments = Arguments()
    order = "desc" if report.sort.descending else "asc"
    low, high = ("<", ">") if report.sort.descending else (">", "<")
    begin = ""
    if bound is not None:
        begin = f"and key {low}{'' if is_beyond else '='} {bind_key(report.sort.column, bound, arguments)}"
    keyed = way.sql(report, arguments)
    # The first key in any case; then those before a single one that is too much beside them.
    record = await connection.fetchrow(
        f"""
        with grouped as materialized (
            select key, sum(size) as size from ({keyed}) as keyed
            where key is not null {begin} group by key order by key {order} limit {way.values}
        ), chosen as materialized (
            select key from (select *, sum(size) over (order by key {order}) as reached from grouped) as running
            where reached = size or (reached - size < {wanted} and reached <= {MOST_FOR_PAGE})
            order by key {order}
        ), bounds as materialized (
            select (select key from chosen limit 1) as first,
                (select key from chosen order by key {"asc" if report.sort.descending else "desc"} limit 1) as last
        ), found as materialized (
            select unnest(cells) from ({keyed}) as keyed
            where key {low}= (select first from bounds) and key {high}= (select last from bounds)
            limit {MOST_FOR_PAGE + 1}
        )
        select first, last, case when (select count(*) from found) <= {MOST_FOR_PAGE} then array(table found) end
        from bounds
        """,
        *arguments.values,
    )
    assert record is not None
    first, last, cells = record
    if first is None:
        return None
    return _Portion(first, first, None) if cells is None else _Portion(first, last, Among(way.among, cells))


async def _rows(
    connection: "Reader", report: Report, portion: _Portion, limit: int, after: Position | None
) -> list[Any]:
    """The rows of a portion, of its first key those that come after the position."""
    column = report.sort.column
    assert column is not None
    arguments = Arguments()
    key = key_sql(column)
    first = bind_key(column, portion.first, arguments)
    exact = exact_key_sql(report.listing)
    is_one = portion.first == portion.last
    if is_one:
        conditions, order = [f"{key} = {first}"], exact
    else:
        low, high = ("<=", ">=") if report.sort.descending else (">=", "<=")
        last = bind_key(column, portion.last, arguments)
        conditions, order = (
            [f"{key} {low} {first}", f"{key} {high} {last}"],
            order_sql(report.sort, report.listing),
        )
    if portion.among is not None:
        report = replace(report, among=(portion.among,))
    if after is not None and after.sort_key == portion.first:
        later = f"{exact} > {arguments.bind(after.row_key, 'text')}"
        conditions.append(later if is_one else f"({key} <> {first} or {later})")
    statement = ordered_statement(report, conditions, order, limit, arguments)
    return await connection.fetch(statement.sql, *statement.arguments)


async def _empty_rows(connection: "Reader", report: Report, limit: int, after: Position | None) -> list[Any]:
    """The rows with an empty cell, which come last."""
    assert report.sort.column is not None
    arguments = Arguments()
    exact = exact_key_sql(report.listing)
    conditions = [f"{key_sql(report.sort.column)} is null"]
    if after is not None and after.sort_key is None:
        conditions.append(f"{exact} > {arguments.bind(after.row_key, 'text')}")
    statement = ordered_statement(report, conditions, exact, limit, arguments)
    return await connection.fetch(statement.sql, *statement.arguments)
