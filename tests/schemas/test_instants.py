"""Instants are RFC 3339 with a zone, kept in UTC to the microsecond; dates are `YYYY-MM-DD`."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.instants import (
    TimeError,
    format_instant,
    parse_date,
    parse_event_date,
    parse_event_instant,
    parse_instant,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SEVEN_O_CLOCK = 1_772_434_800_000_000


def rule_of(error: pytest.ExceptionInfo[TimeError]) -> str:
    return error.value.rule


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-02T07:00:00Z",
        "2026-03-02t07:00:00z",
        "2026-03-02T07:00:00.0Z",
        "2026-03-01T23:00:00-08:00",
        "2026-03-02T12:30:00+05:30",
        "2026-03-02T07:00:00-00:00",
        "2026-03-03T06:59:00+23:59",
        "2026-03-01T07:01:00-23:59",
    ],
)
def test_one_instant_however_it_is_written(text: str) -> None:
    assert parse_instant(text) == SEVEN_O_CLOCK


@pytest.mark.parametrize(
    ("fraction", "microseconds"),
    [
        ("5", 500_000),
        ("25", 250_000),
        ("123456", 123_456),
        ("1234569", 123_456),
        ("999999999999999999", 999_999),
        ("0000001", 0),
    ],
)
def test_digits_finer_than_microseconds_are_cut_off(fraction: str, microseconds: int) -> None:
    assert parse_instant(f"2026-03-02T07:00:00.{fraction}Z") == SEVEN_O_CLOCK + microseconds


def test_before_1970_digits_are_cut_off_as_after_it() -> None:
    assert parse_instant("1969-12-31T23:59:59.9999999Z") == -1


@pytest.mark.parametrize(
    "text", ["2026-03-02T07:00:00", "2026-03-02T07:00:00.5", "2026-03-02 07:00", "2026-03-02T07:00"]
)
def test_an_instant_without_a_zone_is_refused_by_name(text: str) -> None:
    with pytest.raises(TimeError, match="zone") as error:
        parse_instant(text)
    assert rule_of(error) == "naive_instant"


@pytest.mark.parametrize(
    "text", ["2016-12-31T23:59:60Z", "2016-12-31T23:59:60.5Z", "2016-12-31T15:59:60-08:00"]
)
def test_a_leap_second_is_refused_by_name(text: str) -> None:
    with pytest.raises(TimeError, match=":59") as error:
        parse_instant(text)
    assert rule_of(error) == "leap_second"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "1772434800",
        "20260302T070000Z",
        "2026-03-02",
        "2026-03-02 07:00:00Z",
        "2026-03-02T07:00Z",
        "2026-03-02T07Z",
        "2026-03-02T07:00:00,5Z",
        "2026-03-02T07:00:00.Z",
        "2026-03-02T24:00:00Z",
        "2026-03-02T07:60:00Z",
        "2026-03-02T07:00:61Z",
        "2026-03-02T07:00:00+24:00",
        "2026-03-02T07:00:00+05:60",
        "2026-03-02T07:00:00+0530",
        "2026-03-02T07:00:00+05",
        "2026-03-02T07:00:00 Z",
        " 2026-03-02T07:00:00Z",
        "2026-03-02T07:00:00Z\n",
        "2026-W10-1T07:00:00Z",
        "2026-061T07:00:00Z",
        "2026-02-29T07:00:00Z",
        "2026-13-01T07:00:00Z",
        "2026-00-01T07:00:00Z",
        "0000-01-01T00:00:00Z",
        "12026-03-02T07:00:00Z",
        "+2026-03-02T07:00:00Z",
        "٢٠٢٦-٠٣-٠٢T٠٧:٠٠:٠٠Z",
        "２０２６-03-02T07:00:00Z",
        "2026-03-02T07:00:00Z[America/Los_Angeles]",
    ],
)
def test_nothing_else_that_a_parser_would_take_is_an_instant(text: str) -> None:
    with pytest.raises(TimeError) as error:
        parse_instant(text)
    assert rule_of(error) == "not_instant"


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("0001-01-01T00:00:00Z", True),
        ("0001-01-01T00:00:00+00:01", False),
        ("9999-12-31T23:59:59.999999Z", True),
        ("9999-12-31T23:59:59-00:01", False),
    ],
)
def test_an_instant_lies_in_the_years_1_to_9999(text: str, taken: bool) -> None:
    if taken:
        assert format_instant(parse_instant(text)) == text
    else:
        with pytest.raises(TimeError) as error:
            parse_instant(text)
        assert rule_of(error) == "out_of_range"


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("2000-01-01T00:00:00Z", True),
        ("1999-12-31T16:00:00-08:00", True),
        ("1999-12-31T23:59:59.9999999Z", False),
        ("2000-01-01T00:00:00+00:01", False),
        ("2099-12-31T23:59:59.999999Z", True),
        ("2100-01-01T00:00:00Z", False),
        ("2100-01-01T07:59:59+08:00", True),
        ("2099-12-31T16:00:00-08:00", False),
    ],
)
def test_an_instant_of_an_event_lies_in_2000_to_2099_in_utc(text: str, taken: bool) -> None:
    if taken:
        assert parse_event_instant(text) == parse_instant(text)
    else:
        with pytest.raises(TimeError) as error:
            parse_event_instant(text)
        assert rule_of(error) == "out_of_range"


@given(
    st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)),
    st.integers(-(23 * 60 + 59), 23 * 60 + 59),
)
def test_an_instant_is_that_of_python_s_calendar(local: datetime, offset_minutes: int) -> None:
    sign = "-" if offset_minutes < 0 else "+"
    hours, minutes = divmod(abs(offset_minutes), 60)
    text = f"{local.isoformat(timespec='microseconds')}{sign}{hours:02}:{minutes:02}"
    since_epoch = local.replace(tzinfo=UTC) - timedelta(minutes=offset_minutes) - EPOCH
    assert parse_instant(text) == since_epoch // timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("microseconds", "text"),
    [
        (SEVEN_O_CLOCK, "2026-03-02T07:00:00Z"),
        (SEVEN_O_CLOCK + 250_000, "2026-03-02T07:00:00.250000Z"),
        (SEVEN_O_CLOCK + 1, "2026-03-02T07:00:00.000001Z"),
        (0, "1970-01-01T00:00:00Z"),
        (-1, "1969-12-31T23:59:59.999999Z"),
    ],
)
def test_an_instant_is_written_in_utc_with_z(microseconds: int, text: str) -> None:
    assert format_instant(microseconds) == text


@given(st.datetimes(timezones=st.just(UTC)))
def test_what_is_written_is_read_as_the_same_instant(at: datetime) -> None:
    microseconds = (at - EPOCH) // timedelta(microseconds=1)
    assert parse_instant(format_instant(microseconds)) == microseconds


def test_a_date_is_year_month_and_day() -> None:
    assert parse_date("2024-02-29") == date(2024, 2, 29)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-02-29",
        "2026-3-2",
        "20260302",
        "2026-W10-1",
        "2026-03-02T00:00:00Z",
        " 2026-03-02",
        "2026-03-02\n",
        "٢٠٢٦-٠٣-٠٢",
        "02/03/2026",
        "0000-01-01",
    ],
)
def test_nothing_else_is_a_date(text: str) -> None:
    with pytest.raises(TimeError) as error:
        parse_date(text)
    assert rule_of(error) == "not_date"


def test_a_date_of_an_event_lies_in_2000_to_2099() -> None:
    assert parse_event_date("2000-01-01") == date(2000, 1, 1)
    assert parse_event_date("2099-12-31") == date(2099, 12, 31)
    for text in ("1999-12-31", "2100-01-01"):
        with pytest.raises(TimeError) as error:
            parse_event_date(text)
        assert rule_of(error) == "out_of_range"
