"""Rule 3: where a token is, by applications and un-applications."""

import pytest

from tests.events import activated, applied, order, retracted, unapplied
from tests.lifecycle.judges import Row, RowsOf

MARCH_2 = "2026-03-02T16:00:00Z"
APRIL_2 = "2026-04-02T16:00:00Z"
MAY_2 = "2026-05-02T16:00:00Z"
LATER = "2026-12-31T00:00:00Z"


def place(row: Row) -> tuple[object, ...]:
    return (row["station_serial"], row["station_name"], row["evse_id"], row["applied_date"])


NOWHERE = (None, None, None, None)


def test_the_last_move_up_to_the_instant_says_where_the_token_is(rows_of: RowsOf) -> None:
    events = [
        order(),
        applied(station="S1", at=MARCH_2),
        applied(station="S2", at=APRIL_2),
        unapplied(at=MAY_2),
    ]
    for instant, expected in [
        ("2026-03-02T15:59:59.999999Z", NOWHERE),
        (MARCH_2, ("S1", None, None, "2026-03-02")),
        ("2026-04-02T15:59:59.999999Z", ("S1", None, None, "2026-03-02")),
        (APRIL_2, ("S2", None, None, "2026-04-02")),
        ("2026-05-02T15:59:59.999999Z", ("S2", None, None, "2026-04-02")),
        (MAY_2, NOWHERE),
        (LATER, NOWHERE),
    ]:
        assert place(rows_of(events, instant)["T1"]) == expected, instant


def test_moves_count_by_their_own_instants_and_not_by_arrival(rows_of: RowsOf) -> None:
    events = [applied(station="S2", at=APRIL_2), order(), applied(station="S1", at=MARCH_2)]
    assert rows_of(events, LATER)["T1"]["station_serial"] == "S2"


def test_moves_count_by_their_own_instants_and_not_by_the_time_of_the_event(rows_of: RowsOf) -> None:
    events = [
        order(),
        applied(station="S1", at=MARCH_2, time="2026-06-01T00:00:00Z"),
        applied(station="S2", at=APRIL_2, time="2026-05-01T00:00:00Z"),
    ]
    assert rows_of(events, LATER)["T1"]["station_serial"] == "S2"
    assert rows_of(events, MARCH_2)["T1"]["station_serial"] == "S1"


def test_at_equal_instants_un_applications_come_first(rows_of: RowsOf) -> None:
    # By source and id the un-application would be the last.
    moved = [
        applied(station="S1", at=MARCH_2, id="1"),
        applied(station="S2", at=APRIL_2, id="2"),
        unapplied(at=APRIL_2, id="3"),
    ]
    assert place(rows_of([order(), *moved], LATER)["T1"]) == ("S2", None, None, "2026-04-02")


def test_an_un_application_at_the_instant_of_an_application_ends_the_stay_before_it(rows_of: RowsOf) -> None:
    again = [
        applied(station="S1", at=MARCH_2, station_name="Bay 1"),
        unapplied(at=APRIL_2),
        applied(station="S1", at=APRIL_2),
    ]
    assert place(rows_of([order(), *again], LATER)["T1"]) == ("S1", None, None, "2026-04-02")


def test_an_un_application_at_the_instant_of_the_first_application_finds_the_token_nowhere(
    rows_of: RowsOf,
) -> None:
    events = [order(), applied(station="S1", at=MARCH_2), unapplied(station="S1", at=MARCH_2)]
    assert rows_of(events, LATER)["T1"]["station_serial"] == "S1"


def test_applications_at_equal_instants_are_in_order_of_source_and_id(rows_of: RowsOf) -> None:
    by_id = [applied(station="S1", at=MARCH_2, id="e9"), applied(station="S2", at=MARCH_2, id="e10")]
    assert rows_of([order(), *by_id], LATER)["T1"]["station_serial"] == "S1"
    by_source = [
        applied(station="S1", at=MARCH_2, source="urn:test:a", id="1"),
        applied(station="S2", at=MARCH_2, source="urn:test:B", id="2"),
    ]
    assert rows_of([order(), *by_source], LATER)["T1"]["station_serial"] == "S1"


def test_applications_to_one_station_are_one_stay_applied_at_its_first(rows_of: RowsOf) -> None:
    events = [order(), applied(at=MARCH_2), applied(at=APRIL_2), applied(at=MAY_2)]
    assert rows_of(events, LATER)["T1"]["applied_date"] == "2026-03-02"


def test_what_a_later_application_leaves_out_still_holds(rows_of: RowsOf) -> None:
    events = [
        order(),
        applied(at=MARCH_2, station_name="Bay 1", evse_id="US*CPI*E123*1"),
        applied(at=APRIL_2, station_name="Bay 2"),
        applied(at=MAY_2, evse_id="US*CPI*E123*2"),
    ]
    for instant, name, evse in [
        (MARCH_2, "Bay 1", "US*CPI*E123*1"),
        (APRIL_2, "Bay 2", "US*CPI*E123*1"),
        (MAY_2, "Bay 2", "US*CPI*E123*2"),
    ]:
        assert place(rows_of(events, instant)["T1"]) == ("S1", name, evse, "2026-03-02")


@pytest.mark.parametrize("absent", [None, ""])
def test_null_and_an_empty_text_are_left_out_too(rows_of: RowsOf, absent: str | None) -> None:
    again = applied(at=APRIL_2)
    again["data"] |= {"station_name": absent, "evse_id": absent, "starts_at": absent}
    from_anywhere = unapplied(at=MAY_2)
    from_anywhere["data"] |= {"station_serial": absent}
    events = [order(), applied(at=MARCH_2, station_name="Bay 1", evse_id="E1"), again, from_anywhere]
    assert place(rows_of(events, APRIL_2)["T1"]) == ("S1", "Bay 1", "E1", "2026-03-02")
    assert place(rows_of(events, MAY_2)["T1"]) == NOWHERE


def test_a_later_application_adds_what_the_first_left_out_from_then_on(rows_of: RowsOf) -> None:
    events = [order(), applied(at=MARCH_2), applied(at=APRIL_2, station_name="Bay 1")]
    assert rows_of(events, "2026-04-01T00:00:00Z")["T1"]["station_name"] is None
    assert rows_of(events, LATER)["T1"]["station_name"] == "Bay 1"


def test_a_starts_at_that_a_later_application_leaves_out_still_holds(rows_of: RowsOf) -> None:
    events = [
        order(),
        applied(at=MARCH_2, starts_at="2026-06-01T16:00:00Z"),
        applied(at=APRIL_2),
        activated(at="2026-03-05T16:00:00Z"),
    ]
    assert rows_of(events, LATER)["T1"]["activation_date"] == "2026-06-01"


def test_an_application_to_another_station_between_makes_it_another_stay(rows_of: RowsOf) -> None:
    events = [
        order(),
        applied(station="S1", at=MARCH_2, station_name="Bay 1", evse_id="US*CPI*E123*1"),
        applied(station="S2", at=APRIL_2),
        applied(station="S1", at=MAY_2),
    ]
    assert place(rows_of(events, APRIL_2)["T1"]) == ("S2", None, None, "2026-04-02")
    assert place(rows_of(events, LATER)["T1"]) == ("S1", None, None, "2026-05-02")


def test_an_un_application_between_makes_it_another_stay(rows_of: RowsOf) -> None:
    events = [
        order(),
        applied(at=MARCH_2, station_name="Bay 1", starts_at="2026-11-01T16:00:00Z"),
        unapplied(at=APRIL_2),
        applied(at=MAY_2),
        activated(at="2026-06-05T16:00:00Z"),
    ]
    row = rows_of(events, LATER)["T1"]
    assert place(row) == ("S1", None, None, "2026-05-02")
    assert row["activation_date"] == "2026-06-05"


def test_a_retracted_move_between_leaves_one_stay(rows_of: RowsOf) -> None:
    mistake = unapplied(at=APRIL_2)
    events = [
        order(),
        applied(at=MARCH_2, station_name="Bay 1"),
        mistake,
        retracted(mistake),
        applied(at=MAY_2),
    ]
    assert place(rows_of(events, LATER)["T1"]) == ("S1", "Bay 1", None, "2026-03-02")


def test_another_evse_of_the_station_is_the_same_stay(rows_of: RowsOf) -> None:
    events = [order(), applied(at=MARCH_2, evse_id="E1"), applied(at=APRIL_2, evse_id="E2")]
    assert place(rows_of(events, LATER)["T1"]) == ("S1", None, "E2", "2026-03-02")


def test_un_application_empties_the_place_while_the_term_runs_on(rows_of: RowsOf) -> None:
    events = [
        order(),
        applied(at=MARCH_2, station_name="Bay 1", evse_id="E1"),
        activated(at="2026-03-05T16:00:00Z"),
        unapplied(at=MAY_2),
    ]
    row = rows_of(events, LATER)["T1"]
    assert place(row) == NOWHERE
    assert (row["status"], row["activation_date"], row["expiration_date"]) == (
        "Active",
        "2026-03-05",
        "2027-03-05",
    )
    assert rows_of(events, "2027-03-06T08:00:00Z")["T1"]["status"] == "Expired"


def test_an_un_application_that_names_the_tokens_station_empties_the_place(rows_of: RowsOf) -> None:
    events = [order(), applied(station="S1"), unapplied(station="S1")]
    assert place(rows_of(events, LATER)["T1"]) == NOWHERE


def test_an_un_application_that_names_another_station_has_no_effect(rows_of: RowsOf) -> None:
    events = [order(), applied(station="S1", at=MARCH_2), unapplied(station="S2", at=APRIL_2)]
    assert place(rows_of(events, LATER)["T1"]) == ("S1", None, None, "2026-03-02")


def test_one_without_effect_does_not_end_the_stay(rows_of: RowsOf) -> None:
    # The rule: it "has no effect", so it is none of the un-applications that part one stay from the next.
    events = [
        order(),
        applied(station="S1", at=MARCH_2, station_name="Bay 1"),
        unapplied(station="S2", at=APRIL_2),
        applied(station="S1", at=MAY_2),
    ]
    assert place(rows_of(events, LATER)["T1"]) == ("S1", "Bay 1", None, "2026-03-02")


def test_one_that_names_a_station_while_the_token_has_none_has_no_effect(rows_of: RowsOf) -> None:
    events = [order(), unapplied(station="S1", at=MARCH_2), applied(station="S1", at=APRIL_2)]
    assert place(rows_of(events, LATER)["T1"]) == ("S1", None, None, "2026-04-02")


def test_which_station_is_the_tokens_is_asked_at_the_un_applications_own_instant(rows_of: RowsOf) -> None:
    # It arrives when the token is at S2, but says something of the time when it was at S1.
    events = [
        order(),
        applied(station="S1", at=MARCH_2),
        applied(station="S2", at=MAY_2),
        unapplied(station="S1", at=APRIL_2),
    ]
    assert place(rows_of(events, "2026-04-10T00:00:00Z")["T1"]) == NOWHERE
    assert place(rows_of(events, LATER)["T1"]) == ("S2", None, None, "2026-05-02")


def test_the_applied_date_is_a_local_date(rows_of: RowsOf) -> None:
    # 23:59:59 of 1 March in Los Angeles, and midnight a second later; and 06:00 of 2 March in Kathmandu.
    assert rows_of([applied(at="2026-03-02T07:59:59Z")], LATER)["T1"]["applied_date"] == "2026-03-01"
    assert rows_of([applied(at="2026-03-02T08:00:00Z")], LATER)["T1"]["applied_date"] == "2026-03-02"
    events = [applied(at="2026-03-02T00:15:00Z")]
    assert rows_of(events, LATER, "Asia/Kathmandu")["T1"]["applied_date"] == "2026-03-02"


def test_each_token_has_its_own_place(rows_of: RowsOf) -> None:
    events = [order(["T1", "T2"]), applied("T1", "S1"), applied("T2", "S2"), unapplied("T1")]
    rows = rows_of(events, LATER)
    assert (rows["T1"]["station_serial"], rows["T2"]["station_serial"]) == (None, "S2")
