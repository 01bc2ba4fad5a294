"""The counts, of tokens put in by hand."""

from dataclasses import replace
from datetime import UTC, date, datetime

import asyncpg
import pytest

from lifecycle.anomalies import ANOMALIES
from projections.query.refusal import BadQuery
from projections.query.scope import Organizations
from projections.summary.summary import Bucket
from tests.projections.read.conftest import NOW
from tests.projections.read.stored import MICROSECOND, Stored, store, token
from tests.projections.summary.conftest import Summarize

START = datetime(2025, 7, 1, tzinfo=UTC)


def active(serial: str, expiration_date: date | None, **cells: object) -> Stored:
    return token(serial, START, active_at=START, expiration_date=expiration_date, **cells)


def counted(buckets: tuple[Bucket, ...]) -> dict[str | None, int]:
    return {bucket.value: bucket.count for bucket in buckets if bucket.count}


async def test_an_empty_report_lists_everything_with_zero(summarize: Summarize) -> None:
    summary = await summarize()
    assert summary.count == 0
    assert [each.value for each in summary.statuses] == ["New", "Available", "Active", "Expired"]
    assert [each.value for each in summary.anomalies.kinds] == list(ANOMALIES)
    # It is 31 May on local calendars.
    months = [each.value for each in summary.expirations.months]
    assert (months[0], months[1], months[8], months[-1], len(months)) == (
        *("2026-05", "2026-06", "2027-01", "2028-04"),
        24,
    )


async def test_statuses_are_those_of_the_instant(summarize: Summarize, writer: asyncpg.Connection) -> None:
    await store(
        writer,
        token("A", START, available_at=NOW),
        active("B", date(2026, 5, 31), expired_at=NOW),
        active("C", date(2026, 7, 31)),
        token("D", START, gone_at=NOW),
    )
    assert counted((await summarize()).statuses) == {"Available": 1, "Active": 1, "Expired": 1}
    before = await summarize(as_of="2026-05-31T23:59:59.999999Z")
    assert counted(before.statuses) == {"New": 2, "Active": 2}


async def test_a_month_is_whole_and_what_lies_beyond_is_counted_too(
    summarize: Summarize, writer: asyncpg.Connection
) -> None:
    dates = [date(2026, 4, 30), date(2026, 5, 1), date(2026, 5, 31), date(2026, 6, 1), date(2028, 2, 29)]
    dates += [date(2028, 4, 30), date(2028, 5, 1), date(2125, 1, 1)]
    await store(writer, *(active(f"T{day}", day) for day in dates), active("endless", None))
    found = (await summarize()).expirations
    assert counted(found.months) == {"2026-05": 2, "2026-06": 1, "2028-02": 1, "2028-04": 1}
    assert (found.earlier.count, found.later.count, found.none.count) == (1, 2, 1)


async def test_a_term_that_has_not_started_has_no_expiration(
    summarize: Summarize, writer: asyncpg.Connection
) -> None:
    coming = token("A", START, active_at=NOW + MICROSECOND)
    last = date(2027, 6, 1)
    await store(writer, replace(coming, activation_date=NOW.date(), term_years=1, expiration_date=last))
    assert (await summarize()).expirations.none.count == 1
    later = await summarize(as_of="2026-06-01T00:00:00.000001Z")
    assert counted(later.expirations.months) == {"2027-06": 1}


async def test_a_token_with_two_anomalies_is_counted_in_both(
    summarize: Summarize, writer: asyncpg.Connection
) -> None:
    await store(
        writer,
        token("A", START, anomalies=["order_missing", "shipment_missing"]),
        token("B", START, anomalies=["order_missing"]),
        token("C", START),
    )
    summary = await summarize()
    assert counted(summary.anomalies.kinds) == {"order_missing": 2, "shipment_missing": 1}
    assert (summary.anomalies.none.count, summary.count) == (1, 3)


async def test_only_what_passes_the_filters_and_is_in_scope_is_counted(
    summarize: Summarize, writer: asyncpg.Connection
) -> None:
    await store(
        writer,
        token("A", START, org_id="ORG-1", cloud_plan="Basic"),
        token("B", START, org_id="ORG-1", cloud_plan="Commercial"),
        token("C", START, org_id="ORG-2", cloud_plan="Basic"),
    )
    filters = ["cloud_plan:is:basic", "token_serial:is:B"]
    assert (await summarize(filters)).count == 0
    assert (await summarize(filters, match="any")).count == 3
    assert (await summarize(filters, match="any", scope=Organizations(frozenset({"ORG-1"})))).count == 2
    assert (await summarize(scope=Organizations(frozenset()))).count == 0


async def test_relative_dates_and_months_count_from_the_local_date_of_the_instant(
    summarize: Summarize, writer: asyncpg.Connection
) -> None:
    await store(writer, active("A", date(2026, 2, 28)), active("B", date(2026, 3, 1)))
    filters = ["expiration_date:is:today"]
    before = await summarize(filters, as_of="2026-03-01T07:59:59Z")
    assert (str(before.today), before.expirations.months[0].value) == ("2026-02-28", "2026-02")
    assert counted(before.expirations.months) == {"2026-02": 1}
    after = await summarize(filters, as_of="2026-03-01T08:00:00Z")
    assert counted(after.expirations.months) == {"2026-03": 1}


@pytest.mark.parametrize(
    ("as_of", "first", "last", "length"),
    [
        ("0001-01-01T00:00:00Z", "0001-01", "0002-12", 24),
        ("9997-12-31T12:00:00Z", "9997-12", "9999-11", 24),
        ("9998-01-31T12:00:00Z", "9998-01", "9999-12", 24),
        ("9999-12-31T23:59:59.999999Z", "9999-12", "9999-12", 1),
    ],
)
async def test_months_at_the_ends_of_the_calendar(
    summarize: Summarize, as_of: str, first: str, last: str, length: int
) -> None:
    months = [each.value for each in (await summarize(as_of=as_of)).expirations.months]
    assert (months[0], months[-1], len(months)) == (first, last, length)


async def test_what_a_summary_does_not_take_is_refused(summarize: Summarize) -> None:
    with pytest.raises(BadQuery, match="no parameter is called 'columns' here"):
        await summarize(columns="status")
    with pytest.raises(BadQuery, match="no column is called 'nope'"):
        await summarize(["nope:is:1"])
