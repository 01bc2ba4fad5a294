"""Pages in the order of statuses: the tokens of each, in the order of serials."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lifecycle.stages import Status
from projections.columns import TOKENS
from projections.listing import ColumnType, Operator
from projections.query.arguments import Arguments
from projections.query.builder import instant_sql
from projections.query.cursor import Position
from projections.query.filters import Filter, Match
from projections.query.lookups import First, LookUp
from projections.query.narrowing import MOST_FOR_PAGE
from projections.query.report import Among, Report
from projections.query.scope import AllOrganizations
from projections.query.sorting import exact_key_sql
from projections.query.status_lookups import by_status, can_have_sql
from projections.query.stretches import Run, known_rows, rows_of_stretches

if TYPE_CHECKING:
    from projections.query.database import Reader

_AT_FIRST, _TIMES_AS_MANY, _MOST_SERIALS = 4_000, 16, 10_000_000
"""Serials that are gone through for those of a status: the first; at most so many times as many next; ever."""
_FIRST, _MORE_EACH_TIME = 4, 8
"""Pages of serials that are looked up of a status."""
_EXACT = (Operator.IS, Operator.IN, Operator.IS_NOT)


async def status_page(
    connection: "Reader", report: Report, limit: int, after: Position | None
) -> list[Any] | None:
    """The page as `page_statement` has it, of reports sorted by status; None for others, and where other filters leave
    few of many.
    """
    column = report.sort.column
    if report.listing is not TOKENS or column is None or column.type is not ColumnType.STATUS:
        return None
    if report.among or not isinstance(report.scope, AllOrganizations):
        return None
    statuses = [(number, status) for number, status in enumerate(Status, 1) if _can_be(report, status)]
    if report.sort.descending:
        statuses.reverse()
    reached = None if after is None else after.sort_key
    if reached is not None:
        statuses = statuses[[number for number, _ in statuses].index(int(str(reached))) :]
    records: list[Any] = []
    for number, status in statuses:
        begin = after.row_key if after is not None and number == reached else ""
        found = await rows_of_status(connection, report, status, limit - len(records), begin)
        if found is None:
            return None
        records += found
        if len(records) == limit:
            break
    return records


async def rows_of_status(
    connection: "Reader", report: Report, status: Status, limit: int, begin: str
) -> list[Any] | None:
    """The first rows of a report behind a serial that have a status, in the order of serials; None where other filters
    leave few of many.
    """

    def passes(arguments: Arguments) -> list[str]:
        return [f"status = '{status}'", f"{exact_key_sql(TOKENS)} > {arguments.bind(begin, 'text')}"]

    if not (all(_is_of_status(each) for each in report.filters) and _can_be(report, status)):
        first, rest = await rows_of_stretches(connection, report, limit, Run(begin), passes)
        return first if rest is None else None
    records: list[Any] = []
    behind, size = begin, _AT_FIRST
    while True:
        serials, reached = await _candidates(connection, report, status, _FIRST * limit, behind, size)
        among = replace(report, among=(Among(TOKENS.key, serials),))
        more = await known_rows(connection, among, limit - len(records), begin, passes)
        records += more
        if reached is None or len(records) == limit:
            return records
        if size == _AT_FIRST:
            found = await _looked_up(connection, report, status, limit, begin, passes)
            if found is not None:
                return found
        # If those to come are like the last ones, half as many have what is missing.
        likely = 2 * size * (limit - len(records)) // len(more) if more else _MOST_SERIALS
        behind, size = reached, min(max(likely, 2 * size), _TIMES_AS_MANY * size, _MOST_SERIALS)


async def _candidates(
    connection: "Reader", report: Report, status: Status, limit: int, behind: str, size: int
) -> tuple[list[str], str | None]:
    """The first serials of those that have a status, among so many behind one; and the last one that was gone through,
    None where no more is there.
    """
    edge = await connection.fetchval(
        "select token_serial from tokens where token_serial > $1 order by token_serial offset $2 limit 1",
        behind,
        size - 1,
    )
    arguments = Arguments()
    can_have = can_have_sql(status, instant_sql(report.as_of, arguments))
    within = f"token_serial > {arguments.bind(behind, 'text')}"
    if edge is not None:
        within += f" and token_serial <= {arguments.bind(edge, 'text')}"
    # An index has all that is asked for here. In order, Postgres would read the tokens themselves.
    found = f"select token_serial from tokens where {can_have} and {within} offset 0"
    records = await connection.fetch(
        f"select token_serial from ({found}) as found order by token_serial limit {limit}", *arguments.values
    )
    serials = [serial for (serial,) in records]
    return serials, serials[-1] if len(serials) == limit else edge


async def _looked_up(
    connection: "Reader",
    report: Report,
    status: Status,
    limit: int,
    begin: str,
    passes: Callable[[Arguments], list[str]],
) -> list[Any] | None:
    records: list[Any] = []
    size = _FIRST * limit
    while len(records) < limit:
        asked = LookUp(report, MOST_FOR_PAGE, First(begin, size))
        serials = await connection.fetchval(by_status(asked, status), *asked.arguments.values)
        if serials is None:
            return None
        among = replace(report, among=(Among(TOKENS.key, serials),))
        records += await known_rows(connection, among, limit - len(records), begin, passes)
        if len(serials) < size:
            break
        begin, size = serials[-1], size * _MORE_EACH_TIME
    return records


def _is_of_status(each: Filter) -> bool:
    return each.operator in _EXACT and each.column.type is ColumnType.STATUS


def _can_be(report: Report, status: Status) -> bool:
    """False where the filters leave no token of a status."""
    can_pass = (
        not _is_of_status(each) or (status in each.values) is (each.operator is not Operator.IS_NOT)
        for each in report.filters
    )
    return any(can_pass) if report.match is Match.ANY and report.filters else all(can_pass)
