"""The parameters of a summary, read as those of the report are."""

from collections.abc import Sequence

from lifecycle.calendar import Calendar
from projections.query.parameters import AS_OF, FILTER, MATCH, Given, read_report
from projections.query.report import Report
from projections.query.scope import Scope

SUMMARY_PARAMETERS = (FILTER, MATCH, AS_OF)


def read_summary_request(
    pairs: Sequence[tuple[str, str]], scope: Scope, now: int, calendar: Calendar
) -> Report:
    """The report to count. Raises `BadQuery` with everything that is wrong."""
    given = Given(pairs, SUMMARY_PARAMETERS)
    report = read_report(given, scope, now, calendar)
    given.finish()
    return report
