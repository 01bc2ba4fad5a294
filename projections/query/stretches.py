"""Pages in the order of serials, found in one stretch of serials after the other.

Postgres would go through all serials in order until the page is full, not knowing that few rows pass, or that those
that do come late; and it would put all earlier spans in order beside them.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from projections.columns import TOKENS
from projections.query.arguments import Arguments
from projections.query.builder import ordered_statement, page_cells, rows_sql
from projections.query.report import Among, Report
from projections.query.sorting import exact_key_sql

if TYPE_CHECKING:
    from projections.query.database import Reader

Conditions = Callable[[Arguments], Sequence[str]]
"""What rows are to pass beside the report's filters, with values that become arguments."""

_STRETCHES: Sequence[int] = (4_000, 64_000)
"""So many serials are gone through. Where these do not fill the page, all that pass are found first, then sorted."""
_KNOWN_AT_FIRST, _KNOWN_MORE_EACH_TIME = 2, 8
"""Pages of serials that are known to be all that can pass."""


class Run(NamedTuple):
    """Serials from `begin` to `end` in one direction, both included; None: from the first on, to the last."""

    begin: str | None = None
    end: str | None = None
    descending: bool = False

    def conditions(self, arguments: Arguments, *, is_whole: bool) -> list[str]:
        """On the serials in here, without the end itself where that is the next stretch's."""
        low, high = ("<=", ">=") if self.descending else (">=", "<=")
        serial = exact_key_sql(TOKENS)
        return [
            f"{serial} {sign} {arguments.bind(bound, 'text')}"
            for sign, bound in ((low, self.begin), (high if is_whole else high[0], self.end))
            if bound is not None
        ]

    @property
    def order(self) -> str:
        """What stands behind `order by`."""
        return f"{exact_key_sql(TOKENS)}{' desc' if self.descending else ''}"


async def known_rows(
    connection: "Reader", report: Report, limit: int, begin: str, conditions: Conditions
) -> list[Any]:
    """The first rows behind a serial, in the order of serials, of a report of which all serials that can pass are
    known; `conditions` are more than its filters.
    """
    known = {serial for among in report.among for serial in among.cells if serial > begin}
    serials, size = sorted(known), _KNOWN_AT_FIRST * limit
    records: list[Any] = []
    while serials and len(records) < limit:
        some = replace(report, among=(Among(TOKENS.key, serials[:size]),))
        arguments = Arguments()
        statement = ordered_statement(
            some, conditions(arguments), exact_key_sql(TOKENS), limit - len(records), arguments
        )
        records += await connection.fetch(statement.sql, *statement.arguments)
        serials, size = serials[size:], size * _KNOWN_MORE_EACH_TIME
    return records


async def rows_of_run(
    connection: "Reader", report: Report, limit: int, run: Run, conditions: Conditions
) -> list[Any]:
    """The first rows of a run of serials that pass the report's filters and the conditions."""
    records, rest = await rows_of_stretches(connection, report, limit, run, conditions)
    if rest is None:
        return records
    return records + await _rows_of_rest(connection, report, limit - len(records), rest, conditions)


async def _rows_of_rest(
    connection: "Reader", report: Report, limit: int, rest: Run, conditions: Conditions
) -> list[Any]:
    arguments = Arguments()
    given = [*rest.conditions(arguments, is_whole=True), *conditions(arguments)]
    rows = rows_sql(report, f"{page_cells(report)} as row_key", arguments, given)
    # The offset keeps Postgres from going through all rows in the order of serials after all.
    sql = f"""select * from ({rows} offset 0) as passing
        order by row_key{" desc" if rest.descending else ""} limit {arguments.bind(limit, "integer")}"""
    return await connection.fetch(sql, *arguments.values)


async def rows_of_stretches(
    connection: "Reader", report: Report, limit: int, run: Run, conditions: Conditions
) -> tuple[list[Any], Run | None]:
    """The rows of the first stretches of a run; and what is left of it, None where no more is needed or there."""
    records: list[Any] = []
    for size in _STRETCHES:
        edge = await _edge(connection, run, size)
        stretch = run if edge is None else run._replace(end=edge)
        arguments = Arguments()
        given = [*stretch.conditions(arguments, is_whole=edge is None), *conditions(arguments)]
        statement = ordered_statement(report, given, run.order, limit - len(records), arguments)
        records += await connection.fetch(statement.sql, *statement.arguments)
        if edge is None or len(records) == limit:
            return records, None
        run = run._replace(begin=edge)
    return records, run


async def _edge(connection: "Reader", run: Run, size: int) -> str | None:
    """The serial behind so many of a run; None where it has no more."""
    arguments = Arguments()
    given = " and ".join(run.conditions(arguments, is_whole=True)) or "true"
    edge: str | None = await connection.fetchval(
        f"""select token_serial from tokens where {given} order by {run.order}
        offset {arguments.bind(size, "integer")} limit 1""",
        *arguments.values,
    )
    return edge
