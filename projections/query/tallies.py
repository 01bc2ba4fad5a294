"""How many tokens are alike in status and term, by indexes that tell this together.

These are a third as large as what counting rows goes through. Of a term they have the dates, by which the status can be
otherwise than by its instants: where the report is of about now, those few tokens are looked up, and judged by the
report's own rules.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from lifecycle.stages import Status
from projections.columns import TOKENS
from projections.query.arguments import Arguments
from projections.query.builder import instant_sql, rows_sql
from projections.query.date_lookups import ENDED, began_sql, day_sql, ending_sql, starting_sql
from projections.query.filters import filters_condition
from projections.query.lookups import LookUp, serials_sql
from projections.query.report import Among, Report
from projections.query.scope import AllOrganizations

if TYPE_CHECKING:
    from projections.query.database import Reader

_MOST_UNSURE = 50_000
"""Tokens that are judged by themselves: of more, counting all rows is as fast."""
_COLUMNS = ("status", "activation_date", "expiration_date")
"""What tokens are alike in."""


async def count_sql(
    connection: "Reader", report: Report, alike: tuple[str, ...], arguments: Arguments
) -> str:
    """`select` these expressions of status and term, and how many rows of the report are alike in them: of the tally
    where there is one, else of all rows. In one snapshot with what is looked up; grouped by the caller.
    """
    tally = await tally_sql(
        connection, report, ", ".join((*alike, "coalesce(sum(tokens), 0)::bigint")), arguments
    )
    return rows_sql(report, ", ".join((*alike, "count(*)")), arguments) if tally is None else tally


async def tally_sql(connection: "Reader", report: Report, selected: str, arguments: Arguments) -> str | None:
    """`select` these expressions of `status`, `activation_date`, `expiration_date` and `tokens`: how many are alike in
    the others, where a token can be counted, taken off and counted again. In one snapshot with what is looked up.

    None where the report asks for more, or too many tokens can be otherwise at its instant.
    """
    if report.listing is not TOKENS or report.among or not isinstance(report.scope, AllOrganizations):
        return None
    if any(each.column.key not in _COLUMNS for each in report.filters):
        return None
    asked = LookUp(report, _MOST_UNSURE)
    unsure = await connection.fetchval(_unsure(asked), *asked.arguments.values)
    return None if unsure is None else _tallied(report, unsure, selected, arguments)


def _unsure(asked: LookUp) -> str:
    """The serials of tokens whose term may start or end later than their dates tell, by the report's instant."""
    early, late = (day_sql(asked.report, asked.arguments, apart) for apart in (-1, 1))
    return serials_sql(
        asked,
        asked.most,
        starting_sql(f"activation_date >= {early}"),
        ending_sql(f"activation_date >= {began_sql(early)} and activation_date <= {began_sql(late)} + 1"),
    )


def _tallied(report: Report, unsure: list[str], selected: str, arguments: Arguments) -> str:
    instant = instant_sql(report.as_of, arguments)
    today = arguments.bind(report.today(), "date")
    serials = f"(select unnest({arguments.bind(unsure, 'text[]')}))"
    of_started = f"case when {ENDED} < {today} then '{Status.EXPIRED}' else '{Status.ACTIVE}' end"
    of_others = f"case when available_at <= {instant} then '{Status.AVAILABLE}' else '{Status.NEW}' end"
    taken_off = f"""select case when activation_date is not null then {of_started} else {of_others} end,
        activation_date, {ENDED}, -1 from tokens where"""
    tallied = " union all ".join(
        (
            f"""select {of_started}, activation_date, {ENDED}, tokens from (
                select term_years, activation_date, count(*) as tokens from tokens
                where activation_date is not null group by 1, 2) as started""",
            f"""select {of_others}, null, null, count(*) from tokens
                where available_at is not null and active_at is null and new_at <= {instant} group by 1""",
            f"""select '{Status.NEW}', null, null, count(*) from tokens
                where available_at is null and new_at <= {instant}""",
            f"{taken_off} token_serial = any(array{serials})",
            # No list to compare each of many with, but a table of which Postgres makes a hash.
            f"""{taken_off} gone_at <= {instant}
                and not exists (select from {serials} as unsure (serial) where serial = token_serial)""",
            rows_sql(
                replace(report, among=(Among(TOKENS.key, unsure),)), f"{', '.join(_COLUMNS)}, 1", arguments
            ),
        )
    )
    filters = filters_condition(report.filters, report.match, report.today, arguments)
    # Materialized, for filters to be tried on groups, not on each of their tokens.
    return f"""with tallied ({", ".join(_COLUMNS)}, tokens) as materialized ({tallied})
        select {selected} from tallied {"" if filters is None else f"where {filters}"}"""
