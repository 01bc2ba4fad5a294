"""The report to which the events of a file lead."""

from collections.abc import Iterable

from lifecycle.calendar import Calendar
from lifecycle.replay import rows_at
from projections.columns import STANDARD_COLUMNS
from projections.query.filters import Match
from projections.query.page import Page, PageRequest
from projections.query.parameters import AS_OF, SELECTED, Given, parse_as_of, parse_columns
from projections.query.report import Report
from projections.query.scope import Scope
from projections.query.sorting import BY_KEY
from schemas.envelope import Event


def read_report_options(
    pairs: Iterable[tuple[str, str]], scope: Scope, now: int, calendar: Calendar
) -> PageRequest:
    """The report asked for, of every row. Raises `BadQuery`."""
    given = Given(list(pairs), (SELECTED, AS_OF))
    report = Report(
        scope=scope,
        as_of=given.one(AS_OF, parse_as_of, now),
        calendar=calendar,
        filters=(),
        match=Match.ALL,
        sort=BY_KEY,
        columns=given.one(SELECTED, parse_columns, STANDARD_COLUMNS),
    )
    given.finish()
    return PageRequest(report, limit=0)


def page_of(events: Iterable[Event], asked: PageRequest, zone: str) -> Page:
    """All rows, by serial."""
    rows = rows_at(events, asked.report.as_of, Calendar(zone))
    keys = [column.key for column in asked.report.columns]
    return Page([{key: row[key] for key in keys} for _, row in sorted(rows.items())], None, None)
