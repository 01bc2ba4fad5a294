"""Rule 5: when the term ends."""

import pytest

from tests.events import Json, activated, applied, order, order_line
from tests.lifecycle.judges import RowsOf
from tests.reference.histories import ZONE

LATER = "2199-12-31T00:00:00Z"


def started(at: str, term_years: int = 1) -> list[Json]:
    """An order of that term, and T1 applied to an active station at the instant."""
    line = order_line(["T1"], term_years=term_years)
    placed = order(lines=[line], order_date="2019-06-01")
    return [placed, activated(at="2019-06-02T00:00:00Z"), applied(at=at)]


@pytest.mark.parametrize(
    ("at", "term_years", "activation_date", "expiration_date"),
    [
        pytest.param("2026-03-05T16:00:00Z", 1, "2026-03-05", "2027-03-05", id="one year"),
        pytest.param("2026-03-05T16:00:00Z", 99, "2026-03-05", "2125-03-05", id="99 years"),
        pytest.param("2026-03-05T07:59:59.999999Z", 1, "2026-03-04", "2027-03-04", id="local, not UTC"),
        pytest.param("2026-03-05T08:00:00Z", 1, "2026-03-05", "2027-03-05", id="at midnight"),
        pytest.param("2024-02-29T20:00:00Z", 1, "2024-02-29", "2025-02-28", id="29 to 28 February"),
        pytest.param("2024-02-29T20:00:00Z", 4, "2024-02-29", "2028-02-29", id="29 February, in one step"),
        pytest.param("2023-02-28T20:00:00Z", 1, "2023-02-28", "2024-02-28", id="28 February stays"),
        pytest.param("2025-12-31T20:00:00Z", 1, "2025-12-31", "2026-12-31", id="the last day of a year"),
    ],
)
def test_the_expiration_date_is_the_local_date_of_the_start_and_the_term(
    rows_of: RowsOf, at: str, term_years: int, activation_date: str, expiration_date: str
) -> None:
    row = rows_of(started(at, term_years), LATER)["T1"]
    assert (row["activation_date"], row["expiration_date"]) == (activation_date, expiration_date)


@pytest.mark.parametrize(
    ("at", "last_active", "expired", "zone"),
    [
        pytest.param(
            "2026-03-05T16:00:00Z",
            "2027-03-06T07:59:59.999999Z",
            "2027-03-06T08:00:00Z",
            ZONE,
            id="the midnight after it",
        ),
        pytest.param(
            # 14 March 2027 has 23 hours.
            "2026-03-14T18:00:00Z",
            "2027-03-15T06:59:59.999999Z",
            "2027-03-15T07:00:00Z",
            ZONE,
            id="the day when clocks are put forward",
        ),
        pytest.param(
            # 7 November 2027 has 25 hours.
            "2026-11-07T18:00:00Z",
            "2027-11-08T07:59:59.999999Z",
            "2027-11-08T08:00:00Z",
            ZONE,
            id="the day when clocks are put back",
        ),
        pytest.param(
            "2024-02-29T20:00:00Z",
            "2025-03-01T07:59:59.999999Z",
            "2025-03-01T08:00:00Z",
            ZONE,
            id="28 February is covered in full",
        ),
        pytest.param(
            # 8 March 2026 begins at 01:00 in Havana: at midnight clocks go from UTC-5 to UTC-4.
            "2025-03-07T18:00:00Z",
            "2026-03-08T04:59:59.999999Z",
            "2026-03-08T05:00:00Z",
            "America/Havana",
            id="no midnight",
        ),
        pytest.param(
            # 24 April 2026 begins at 01:00 in Cairo: at midnight clocks go from UTC+2 to UTC+3.
            "2025-04-23T12:00:00Z",
            "2026-04-23T21:59:59.999999Z",
            "2026-04-23T22:00:00Z",
            "Africa/Cairo",
            id="no midnight, east",
        ),
        pytest.param(
            # 1 November 2026 has two midnights in Havana, at UTC-4 and an hour later at UTC-5.
            "2025-10-31T18:00:00Z",
            "2026-11-01T03:59:59.999999Z",
            "2026-11-01T04:00:00Z",
            "America/Havana",
            id="the first of two midnights",
        ),
        pytest.param(
            # At the end of 23 March 2024 clocks in Asuncion go back an hour, to 23:00 at UTC-4.
            "2023-03-23T18:00:00Z",
            "2024-03-24T03:59:59.999999Z",
            "2024-03-24T04:00:00Z",
            "America/Asuncion",
            id="a last hour twice",
        ),
        pytest.param(
            "2026-03-05T16:00:00Z",
            "2027-03-05T18:14:59.999999Z",
            "2027-03-05T18:15:00Z",
            "Asia/Kathmandu",
            id="three quarters of an hour",
        ),
    ],
)
def test_the_term_ends_at_the_midnight_after_the_expiration_date(
    rows_of: RowsOf, at: str, last_active: str, expired: str, zone: str
) -> None:
    events = started(at)
    assert rows_of(events, last_active, zone)["T1"]["status"] == "Active"
    assert rows_of(events, expired, zone)["T1"]["status"] == "Expired"


def test_no_known_term_no_end(rows_of: RowsOf) -> None:
    row = rows_of([activated(), applied()], "9999-12-31T23:59:59.999999Z")["T1"]
    assert (row["status"], row["activation_date"], row["expiration_date"]) == ("Active", "2026-03-05", None)


def test_a_corrected_term_moves_the_end(rows_of: RowsOf) -> None:
    events = started("2026-03-05T16:00:00Z", 1)
    corrected = order(lines=[order_line(["T1"], term_years=3)], order_date="2019-06-01", revision=1)
    row = rows_of([*events, corrected], "2028-01-01T00:00:00Z")["T1"]
    assert (row["status"], row["expiration_date"]) == ("Active", "2029-03-05")
