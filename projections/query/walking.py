"""Pages in the order of another column than the serial, found value by value instead of by sorting all rows.

What tokens have from their lines and shipments, who owns them and where they are, has far fewer values than there are
tokens, or an index of its own; those are put in order first. Then the rows of the first values are read, and of the
next ones, until the page is full.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from projections.columns import TOKENS
from projections.query.arguments import Arguments
from projections.query.builder import ordered_statement
from projections.query.cursor import Position
from projections.query.narrowing import MOST_FOR_PAGE
from projections.query.report import Among, Report
from projections.query.sorting import SortKey, bind_key, exact_key_sql, key_sql, order_sql
from projections.query.stretches import known_rows
from projections.query.ways import Bound, Cut, Way, way_of

if TYPE_CHECKING:
    from projections.query.database import Reader

_MOST_PORTIONS = 6
_MOST_PORTIONS_FILTERED = 2
"""Where filters may leave nothing of many values, sorting what passes is soon the faster way."""
_MORE_EACH_TIME = 4


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
    way = way_of(report)
    if way is None or report.among:
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


async def _next(
    connection: "Reader", report: Report, way: Way, bound: SortKey, is_beyond: bool, wanted: int
) -> _Portion | None:
    """The portion behind a key, or from it on, with about as many rows as wanted; None where no key is left."""
    column = report.sort.column
    assert column is not None
    arguments = Arguments()
    order, opposite = ("desc", "asc") if report.sort.descending else ("asc", "desc")
    low, high = ("<", ">") if report.sort.descending else (">", "<")
    soonest, furthest = ("max", "min") if report.sort.descending else ("min", "max")
    begin = []
    if bound is not None:
        begin.append(Bound(f"{low}{'' if is_beyond else '='}", bind_key(column, bound, arguments)))
    # Of a branch that was cut, the last key may have more than was looked at. The first key is taken in any case;
    # then those before a single one that is too much beside them.
    first, last, only = await connection.fetchrow(
        f"""
        with candidate as materialized (
            select branch, key, size from ({way.sql(report, begin, Cut(order, way.most))}) as keyed
        ), unsure as (
            select {soonest}(last) as key from (
                select {furthest}(key) as last from candidate group by branch having count(*) = {way.most}) as cut
        ), running as (
            select key, size, sum(size) over (order by key {order}) as reached
            from (select key, sum(size) as size from candidate group by key) as grouped
        ), chosen as (
            select running.key from running, unsure
            where (unsure.key is null or running.key {high} unsure.key)
                and (reached = size or (reached - size < {wanted} and reached <= {MOST_FOR_PAGE}))
        )
        select (select key from chosen order by key {order} limit 1),
            (select key from chosen order by key {opposite} limit 1),
            (select key from candidate order by key {order} limit 1)
        """,
        *arguments.values,
    ) or (None, None, None)
    if first is None:
        return None if only is None else _Portion(only, only, None)
    arguments = Arguments()
    within = [
        Bound(f"{low}=", bind_key(column, first, arguments)),
        Bound(f"{high}=", bind_key(column, last, arguments)),
    ]
    cells = await connection.fetchval(
        f"""
        with found as materialized (
            select unnest(cells) from ({way.sql(report, within, None)}) as keyed limit {MOST_FOR_PAGE + 1}
        )
        select case when (select count(*) from found) <= {MOST_FOR_PAGE} then array(table found) end
        """,
        *arguments.values,
    )
    return _Portion(first, first, None) if cells is None else _Portion(first, last, Among(way.among, cells))


async def _rows(
    connection: "Reader", report: Report, portion: _Portion, limit: int, after: Position | None
) -> list[Any]:
    """The rows of a portion, of its first key those that come after the position."""
    column = report.sort.column
    assert column is not None
    if portion.among is not None:
        report = replace(report, among=(portion.among,))
    begin = after.row_key if after is not None and after.sort_key == portion.first else ""
    if portion.first == portion.last:
        return await _rows_of_key(connection, report, portion.first, limit, begin)
    arguments = Arguments()
    key = key_sql(column)
    low, high = ("<=", ">=") if report.sort.descending else (">=", "<=")
    first, last = (bind_key(column, each, arguments) for each in (portion.first, portion.last))
    conditions = [f"{key} {low} {first}", f"{key} {high} {last}"]
    if begin:
        later = f"{exact_key_sql(report.listing)} > {arguments.bind(begin, 'text')}"
        conditions.append(f"({key} <> {first} or {later})")
    order = order_sql(report.sort, report.listing)
    statement = ordered_statement(report, conditions, order, limit, arguments)
    return await connection.fetch(statement.sql, *statement.arguments)


async def _rows_of_key(
    connection: "Reader", report: Report, sort_key: SortKey, limit: int, begin: str
) -> list[Any]:
    """The rows of one key behind a serial, in the order of serials."""
    column = report.sort.column
    assert column is not None

    def is_of_key(arguments: Arguments) -> list[str]:
        return [f"{key_sql(column)} = {bind_key(column, sort_key, arguments)}"]

    if report.among and report.among[0].key == TOKENS.key:
        return await known_rows(connection, report, limit, begin, is_of_key)
    arguments = Arguments()
    exact = exact_key_sql(report.listing)
    conditions = [*is_of_key(arguments), f"{exact} > {arguments.bind(begin, 'text')}"]
    statement = ordered_statement(report, conditions, exact, limit, arguments)
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
