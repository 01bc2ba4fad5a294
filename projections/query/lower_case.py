"""Serials in the order of lower case, which is that of the primary key for nearly all of them.

A plain serial is one of ASCII without small letters and `[ \\ ] ^ _` or a backtick, which stand between the capital
and the small letters: among plain ones, the exact order is that of lower case. The others have an index of their own,
`tokens_not_plain`, so that plain ones need none.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from projections.columns import TOKENS
from projections.query.arguments import Arguments
from projections.query.builder import ordered_statement
from projections.query.cursor import Position
from projections.query.filters import lower_sql
from projections.query.report import Report
from projections.query.scope import AllOrganizations
from projections.query.sorting import beyond_condition, order_sql
from projections.query.stretches import Run, rows_of_run

if TYPE_CHECKING:
    from projections.query.database import Reader

_NOT_PLAIN = "[^ -Z{-~]"
IS_NOT_PLAIN = f"token_serial ~ '{_NOT_PLAIN}'"
"""As the index has it."""
_SMALL, _CAPITAL = "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LAST_BEFORE_CAPITALS = "@"
_TO_CAPITAL = str.maketrans(_SMALL, _CAPITAL)
# No plain serial has what stands between capital and small letters: those that follow it begin at the capitals.
_TO_FIRST_PLAIN = str.maketrans(_SMALL + "[\\]^_`", _CAPITAL + _LAST_BEFORE_CAPITALS * 6)


def plain_sql(lowered: str) -> str:
    """The one plain serial that can have this lower case (an SQL expression)."""
    return f"translate({lowered}, '{_SMALL}', '{_CAPITAL}')"


async def lower_case_page(
    connection: "Reader", report: Report, limit: int, after: Position | None
) -> list[Any] | None:
    """The page as `page_statement` has it, of reports sorted by the serial; None for others."""
    if report.listing is not TOKENS or report.sort.column is None or report.sort.column.key != TOKENS.key:
        return None
    if report.among or not isinstance(report.scope, AllOrganizations):
        return None
    descending = report.sort.descending

    def beyond(arguments: Arguments) -> list[str]:
        if after is None:
            return []
        return [beyond_condition(report.sort, TOKENS, after.sort_key, after.row_key, arguments)]

    arguments = Arguments()
    given = [IS_NOT_PLAIN, *beyond(arguments)]
    statement = ordered_statement(report, given, order_sql(report.sort, TOKENS), limit, arguments)
    others = await connection.fetch(statement.sql, *statement.arguments)
    # Where most are not plain, this is what keeps the others from being gone through in search of plain ones.
    until = others[-1][-2] if len(others) == limit else None
    run = _plain_run(None if after is None else str(after.sort_key), until, descending)

    def is_plain(arguments: Arguments) -> Sequence[str]:
        return [f"not {IS_NOT_PLAIN}", *beyond(arguments)]

    plain = await rows_of_run(connection, report, limit, run, is_plain)
    by_serial = sorted([*plain, *others], key=lambda record: str(record[-1]))
    return sorted(by_serial, key=lambda record: str(record[-2]), reverse=descending)[:limit]


def serials_in_lower_case(values: str) -> str:
    """The condition that a serial's lower case is one of those of an array of texts (an SQL expression)."""
    lowered = f"array(select {lower_sql('value')} from unnest({values}) as value)"
    plain = f"array(select {plain_sql(lower_sql('value'))} from unnest({values}) as value)"
    return (
        f"(token_serial = any({plain}) or ({IS_NOT_PLAIN} and {lower_sql('token_serial')} = any({lowered})))"
    )


def _plain_run(begin: str | None, end: str | None, descending: bool) -> Run:
    """A run in which are all plain serials of which the lower case is from `begin` to `end`."""
    from_low, from_high = (_TO_CAPITAL, _TO_FIRST_PLAIN) if descending else (_TO_FIRST_PLAIN, _TO_CAPITAL)
    return Run(
        None if begin is None else begin.translate(from_low),
        None if end is None else end.translate(from_high),
        descending,
    )
