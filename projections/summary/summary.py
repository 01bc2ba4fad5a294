"""The counts, made in one scan of the rows, and the filters that show the rows behind each."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from lifecycle.anomalies import ANOMALIES
from lifecycle.stages import Status
from projections.query.arguments import Arguments
from projections.query.builder import Statement, rows_sql
from projections.query.database import snapshot
from projections.query.filters import Match
from projections.query.narrowing import MOST_FOR_COUNT, narrowed
from projections.query.parameters import MAX_FILTERS
from projections.query.report import Report
from projections.query.tallies import count_sql
from projections.summary.months import Month, filters_of, months_from, thresholds
from schemas.instants import format_instant

if TYPE_CHECKING:
    from projections.query.database import Reader

SHOWS_ANOMALIES = "anomalies <> '{}'"
"""As the index of these tokens has it."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """How many tokens of the report have this in common.

    `filters` added to those of the report, with `match=all`, select these tokens and no others. They are None
    where no filter can be added: `match=any` joins several, or there are as many as there may be. `value` is
    a status, a month (`YYYY-MM`) or an anomaly; None for what has none of them.
    """

    value: str | None
    count: int
    filters: tuple[str, ...] | None

    def as_json(self) -> dict[str, object]:
        """An object, with a `value` where it has one."""
        named = {} if self.value is None else {"value": self.value}
        return {**named, "count": self.count, "filters": self.filters}


@dataclass(frozen=True, slots=True)
class Expirations:
    """How many tokens have their last day in each month, before the first and after the last of them, or none.

    Each token is in one of these. The first month is that of the report's local date, whole.
    """

    months: tuple[Bucket, ...]
    earlier: Bucket
    later: Bucket
    none: Bucket


@dataclass(frozen=True, slots=True)
class Anomalies:
    """How many tokens show each anomaly, and how many show none. A token that shows two is in both."""

    kinds: tuple[Bucket, ...]
    none: Bucket


@dataclass(frozen=True, slots=True)
class Summary:
    """The counts of one report; `as_of` is its instant (microseconds), `today` the local date then.

    Every status, month and anomaly is listed in its order, those of which there is no token too.
    """

    as_of: int
    today: date
    count: int
    statuses: tuple[Bucket, ...]
    expirations: Expirations
    anomalies: Anomalies

    def as_json(self) -> dict[str, object]:
        """The object that the API gives."""
        return {
            "as_of": format_instant(self.as_of),
            "today": self.today,
            "count": self.count,
            "statuses": [each.as_json() for each in self.statuses],
            "expirations": {
                "months": [each.as_json() for each in self.expirations.months],
                "earlier": self.expirations.earlier.as_json(),
                "later": self.expirations.later.as_json(),
                "none": self.expirations.none.as_json(),
            },
            "anomalies": {
                "kinds": [each.as_json() for each in self.anomalies.kinds],
                "none": self.anomalies.none.as_json(),
            },
        }


async def read_summary(connection: "Reader", report: Report) -> Summary:
    """Count the rows of the report, its columns and order aside.

    Few show anomalies, and an index has these; all the others are spared the look at an array.
    """
    months = months_from(report.today())
    async with snapshot(connection):
        report = await narrowed(connection, report, MOST_FOR_COUNT)
        by_status = await _by_status_and_month(connection, report, months)
        by_anomalies = _by_anomalies(report)
        groups = await connection.fetch(by_status.sql, *by_status.arguments)
        showing = await connection.fetch(by_anomalies.sql, *by_anomalies.arguments)
    statuses, expirations, anomalies = Counter[str](), Counter[int | None](), Counter[str | None]()
    for status, expiration, count in groups:
        statuses[status] += count
        expirations[expiration] += count
    anomalies[None] = statuses.total()
    for kinds, count in showing:
        anomalies[None] -= count
        for kind in kinds:
            anomalies[kind] += count
    can_add = _room_for_filters(report)

    def bucket(value: str | None, count: int, filters: Iterable[str]) -> Bucket:
        added = tuple(filters)
        return Bucket(value, count, added if len(added) <= can_add else None)

    return Summary(
        report.as_of,
        report.today(),
        statuses.total(),
        tuple(bucket(status, statuses[status], [f"status:is:{status}"]) for status in Status),
        Expirations(
            tuple(
                bucket(str(month), expirations[place], filters_of("expiration_date", *month))
                for place, month in enumerate(months, 1)
            ),
            bucket(None, expirations[0], [f"expiration_date:before:{months[0].first}"]),
            bucket(None, expirations[len(months) + 1], [f"expiration_date:after:{months[-1].last}"]),
            bucket(None, expirations[None], ["expiration_date:is_empty"]),
        ),
        Anomalies(
            # Exact, since no anomaly's name is part of another's, and none holds the comma between them.
            tuple(bucket(kind, anomalies[kind], [f"anomalies:contains:{kind}"]) for kind in ANOMALIES),
            bucket(None, anomalies[None], ["anomalies:is_empty"]),
        ),
    )


async def _by_status_and_month(connection: "Reader", report: Report, months: tuple[Month, ...]) -> Statement:
    """Tokens that are alike in all that is counted come as one row, of which there are few."""
    arguments = Arguments()
    month = f"width_bucket(expiration_date, {arguments.bind(thresholds(months), 'date[]')})"
    counted = await count_sql(connection, report, ("status", month), arguments)
    return Statement(f"{counted} group by 1, 2", arguments.values)


def _by_anomalies(report: Report) -> Statement:
    arguments = Arguments()
    rows = rows_sql(report, "anomalies, count(*)", arguments, [SHOWS_ANOMALIES])
    return Statement(f"{rows} group by 1", arguments.values)


def _room_for_filters(report: Report) -> int:
    """How many filters a row can be held to beside those that the report has."""
    if report.match is Match.ANY and len(report.filters) > 1:
        return 0
    return MAX_FILTERS - len(report.filters)
