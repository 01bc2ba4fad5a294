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
from projections.query.stretches import Run, edge_of, known_rows, rows_of_stretches

if TYPE_CHECKING:
    from projections.query.database import Reader

_AT_FIRST, _MORE_SERIALS_EACH_TIME = 4_000, 16
"""Serials that are gone through for those of a status."""
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
        records, rest = await rows_of_stretches(connection, report, limit, Run(begin), passes)
        return records if rest is None else None
    records, rest = await _gone_through(connection, report, status, limit, Run(begin), _AT_FIRST, passes)
    if rest is None:
        return records
    found = await _looked_up(connection, report, status, limit, begin, passes)
    if found is not None:
        return found
    behind = _AT_FIRST
    while rest is not None:
        missing = limit - len(records)
        size = _MORE_SERIALS_EACH_TIME * behind
        if records:  # twice as many as hold what is missing, if those to come are like those behind
            size = min(size, 2 * behind * missing // len(records) + 1)
        more, rest = await _gone_through(connection, report, status, missing, rest, size, passes)
        records, behind = records + more, behind + size
    return records


async def _gone_through(
    connection: "Reader",
    report: Report,
    status: Status,
    limit: int,
    run: Run,
    size: int,
    passes: Callable[[Arguments], list[str]],
) -> tuple[list[Any], Run | None]:
    """The rows of a status among the next so many serials, which an index alone tells; and what is left of the run."""
    edge = await edge_of(connection, run, size)
    stretch = run if edge is None else run._replace(end=edge)
    arguments = Arguments()
    can_have = can_have_sql(status, instant_sql(report.as_of, arguments))
    within = " and ".join(stretch.conditions(arguments, is_whole=edge is None))
    # The order is made afterwards: Postgres would read the tokens themselves, which lie in it.
    serials = await connection.fetchval(
        f"select array(select token_serial from tokens where {can_have} and {within})", *arguments.values
    )
    among = replace(report, among=(Among(TOKENS.key, serials),))
    records = await known_rows(connection, among, limit, "", passes)
    return records, None if edge is None or len(records) == limit else run._replace(begin=edge)


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
    if report.match is Match.ANY and len(report.filters) > 1:
        return True
    return all(
        (status in each.values) is (each.operator is not Operator.IS_NOT)
        for each in report.filters
        if _is_of_status(each)
    )
