"""Rule 4: when the term starts."""

import pytest

from tests.events import Json, activated, applied, order, retracted, unapplied
from tests.lifecycle.judges import RowsOf

LATER = "2026-12-31T00:00:00Z"
EARLY = "2026-02-15T16:00:00Z"
MARCH = "2026-03-15T16:00:00Z"
APRIL = "2026-04-15T16:00:00Z"
MAY = "2026-05-15T16:00:00Z"


def start(rows_of: RowsOf, *events: Json) -> str | None:
    """The local date of the start of T1's term, of one order and these events."""
    date: str | None = rows_of([order(), *events], LATER)["T1"]["activation_date"]
    return date


@pytest.mark.parametrize(
    ("application", "activation", "expected"),
    [
        pytest.param(applied(at=MARCH), activated(at=APRIL), "2026-04-15", id="activated last"),
        pytest.param(applied(at=APRIL), activated(at=MARCH), "2026-04-15", id="applied last"),
        pytest.param(
            applied(at=MARCH, starts_at=MAY), activated(at=APRIL), "2026-05-15", id="starts_at is last"
        ),
        pytest.param(
            applied(at=MARCH, starts_at=EARLY), activated(at=APRIL), "2026-04-15", id="starts_at is over"
        ),
        pytest.param(applied(at=MARCH), activated(at=MARCH), "2026-03-15", id="at one instant"),
    ],
)
def test_the_latest_of_application_starts_at_and_first_activation(
    rows_of: RowsOf, application: Json, activation: Json, expected: str
) -> None:
    assert start(rows_of, application, activation) == expected


def test_the_start_is_an_instant(rows_of: RowsOf) -> None:
    events = [order(), applied(at=MARCH), activated(at="2026-04-15T16:00:00.000001Z")]
    assert rows_of(events, "2026-04-15T16:00:00Z")["T1"]["status"] == "Available"
    assert rows_of(events, "2026-04-15T16:00:00.000001Z")["T1"]["status"] == "Active"


def test_without_an_activation_of_the_station_nothing_starts(rows_of: RowsOf) -> None:
    assert start(rows_of, applied(station="S1", starts_at=MAY), activated("S2")) is None


def test_the_first_activation_ever_counts(rows_of: RowsOf) -> None:
    reports = [activated(at=MAY), activated(at=MARCH), activated(at=APRIL)]
    assert start(rows_of, applied(at=EARLY), *reports) == "2026-03-15"


def test_a_station_activated_years_ago_starts_the_term_when_applied(rows_of: RowsOf) -> None:
    assert start(rows_of, applied(at=APRIL), activated(at="2020-01-01T00:00:00Z")) == "2026-04-15"


def test_a_retracted_activation_is_not_the_first(rows_of: RowsOf) -> None:
    mistake = activated(at=MARCH)
    events = [applied(at=EARLY), mistake, activated(at=APRIL), retracted(mistake)]
    assert start(rows_of, *events) == "2026-04-15"


def test_a_candidate_must_be_before_the_next_un_application(rows_of: RowsOf) -> None:
    before, at, after = "2026-04-15T15:59:59.999999Z", APRIL, MAY
    assert start(rows_of, applied(at=MARCH), unapplied(at=APRIL), activated(at=before)) == "2026-04-15"
    assert start(rows_of, applied(at=MARCH), unapplied(at=APRIL), activated(at=at)) is None
    assert start(rows_of, applied(at=MARCH), unapplied(at=APRIL), activated(at=after)) is None


def test_a_candidate_must_be_before_the_next_application_elsewhere(rows_of: RowsOf) -> None:
    moves = [applied(station="S1", at=MARCH), applied(station="S2", at=APRIL)]
    assert start(rows_of, *moves, activated("S1", at=APRIL)) is None
    assert start(rows_of, *moves, activated("S1", at=MAY)) is None
    assert start(rows_of, *moves, activated("S1", at=MAY), activated("S2", at=EARLY)) == "2026-04-15"


def test_a_candidate_must_be_before_the_next_application_there_which_is_one_itself(rows_of: RowsOf) -> None:
    # The first application's candidate would be May; the second says March, which is over when it is applied.
    moves = [applied(at=MARCH, starts_at=MAY), applied(at=APRIL, starts_at=MARCH)]
    assert start(rows_of, *moves, activated(at=EARLY)) == "2026-04-15"


def test_the_starts_at_that_holds_then_is_the_one_of_that_application(rows_of: RowsOf) -> None:
    # The first application's candidate is April, before the second, which cannot put off what has started.
    moves = [applied(at=MARCH, starts_at=APRIL), applied(at=MAY, starts_at="2026-07-15T16:00:00Z")]
    assert start(rows_of, *moves, activated(at=EARLY)) == "2026-04-15"


def test_a_later_application_may_put_off_a_start_still_ahead(rows_of: RowsOf) -> None:
    moves = [applied(at=EARLY, starts_at=APRIL), applied(at=MARCH, starts_at=MAY)]
    assert start(rows_of, *moves, activated(at=EARLY)) == "2026-05-15"


def test_an_un_application_without_effect_ends_no_candidate(rows_of: RowsOf) -> None:
    events = [applied(station="S1", at=MARCH), unapplied(station="S2", at=APRIL), activated("S1", at=MAY)]
    assert start(rows_of, *events) == "2026-05-15"


def test_an_activation_that_names_a_token_elsewhere_starts_it(rows_of: RowsOf) -> None:
    assert start(rows_of, activated("S1", at=APRIL, token="T1")) == "2026-04-15"
    elsewhere = applied(station="S2", at=MARCH)
    assert start(rows_of, elsewhere, activated("S1", at=APRIL, token="T1")) == "2026-04-15"


def test_one_that_names_it_before_or_after_its_stay_there_starts_it(rows_of: RowsOf) -> None:
    before = [activated("S1", at=EARLY, token="T1"), applied(station="S1", at=MARCH)]
    assert start(rows_of, *before) == "2026-02-15"
    after = [applied(at=EARLY, starts_at=MAY), unapplied(at=MARCH), activated(at=APRIL, token="T1")]
    assert start(rows_of, *after) == "2026-04-15"


def test_one_that_names_it_where_it_is_waits_for_starts_at(rows_of: RowsOf) -> None:
    events = [applied(at=MARCH, starts_at=MAY), activated(at=APRIL, token="T1")]
    assert start(rows_of, *events) == "2026-05-15"


def test_at_the_instant_of_a_move_the_token_is_where_the_move_puts_it(rows_of: RowsOf) -> None:
    arriving = [applied(at=MARCH, starts_at=MAY), activated(at=MARCH, token="T1")]
    assert start(rows_of, *arriving) == "2026-05-15"
    leaving = [
        applied(at=EARLY, starts_at=MAY),
        unapplied(at=MARCH),
        activated(at=MARCH, token="T1"),
    ]
    assert start(rows_of, *leaving) == "2026-03-15"


def test_not_only_the_first_activation_that_names_the_token_counts(rows_of: RowsOf) -> None:
    reports = [activated("S1", at=EARLY), activated("S1", at=APRIL, token="T1")]
    assert start(rows_of, *reports) == "2026-04-15"


def test_every_activation_is_its_stations_whatever_token_it_names(rows_of: RowsOf) -> None:
    assert (
        start(rows_of, applied("T1", "S1", at=MARCH), activated("S1", at=APRIL, token="T2")) == "2026-04-15"
    )
    # One that starts T1 where it is not is the first ever of that station too: T1 has long started then.
    assert (
        start(rows_of, activated("S1", at=MARCH, token="T1"), applied("T1", "S1", at=APRIL)) == "2026-03-15"
    )
    shared = [order(["T1", "T2"]), activated("S1", at=MARCH, token="T1"), applied("T2", "S1", at=APRIL)]
    assert rows_of(shared, LATER)["T2"]["activation_date"] == "2026-04-15"


def test_the_earliest_candidate_is_the_start(rows_of: RowsOf) -> None:
    events = [
        applied(station="S1", at=MARCH),
        activated("S1", at=MAY),
        activated("S2", at=APRIL, token="T1"),
    ]
    assert start(rows_of, *events) == "2026-04-15"


def test_a_started_term_neither_restarts_nor_moves_with_the_station(rows_of: RowsOf) -> None:
    events = [
        applied(station="S1", at=EARLY),
        activated("S1", at=MARCH),
        unapplied(at=APRIL),
        applied(station="S2", at=MAY),
        activated("S2", at="2026-06-01T16:00:00Z"),
        activated("S1", at="2026-07-01T16:00:00Z", token="T1"),
    ]
    assert start(rows_of, *events) == "2026-03-15"
    row = rows_of([order(), *events], LATER)["T1"]
    assert (row["station_serial"], row["expiration_date"]) == ("S2", "2027-03-15")


def test_an_application_made_by_mistake_is_retracted(rows_of: RowsOf) -> None:
    mistake = applied(station="S1", at=MARCH)
    events = [activated("S1", at=EARLY), mistake]
    assert start(rows_of, *events, unapplied(at=APRIL)) == "2026-03-15"
    assert start(rows_of, *events, retracted(mistake)) is None


def test_a_retracted_move_ends_no_candidate(rows_of: RowsOf) -> None:
    mistake = unapplied(at=APRIL)
    assert start(rows_of, applied(at=MARCH), mistake, activated(at=MAY), retracted(mistake)) == "2026-05-15"
