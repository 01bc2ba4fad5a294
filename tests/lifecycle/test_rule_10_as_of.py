"""Rule 10: the report as of any instant."""

from tests.events import activated, applied, order, order_line, retracted, shipped, transferred
from tests.lifecycle.judges import RowsOf

# Of one token: ordered, shipped, applied, started, transferred, moved, expired.
STORY = [
    order(),
    shipped(),
    applied(station="S1", station_name="Bay 1", evse_id="E1"),
    activated("S1"),
    transferred(at="2026-05-01T16:00:00Z"),
    applied(station="S2", at="2026-06-01T16:00:00Z"),
]


def test_the_range_of_as_of_is_the_years_1_to_9999(rows_of: RowsOf) -> None:
    assert rows_of(STORY, "0001-01-01T00:00:00Z") == {}
    assert rows_of(STORY, "1969-12-31T23:59:59.999999Z") == {}
    assert rows_of(STORY, "9999-12-31T23:59:59.999999Z")["T1"]["status"] == "Expired"


def test_status_dates_owner_and_place_are_those_at_the_instant(rows_of: RowsOf) -> None:
    dated = (
        "status",
        "activation_date",
        "expiration_date",
        "org_id",
        "org_name",
        "station_serial",
        "station_name",
        "evse_id",
        "applied_date",
    )
    bay = ("S1", "Bay 1", "E1", "2026-03-02")
    elsewhere = ("S2", None, None, "2026-06-01")
    nowhere = (None, None, None, None)
    term = ("2026-03-05", "2027-03-05")
    first, second = ("ORG-1", "Organization 1"), ("ORG-2", "Organization 2")
    for as_of, expected in [
        ("2026-01-10T08:00:00Z", ("New", None, None, *first, *nowhere)),
        ("2026-02-01T08:00:00Z", ("Available", None, None, *first, *nowhere)),
        ("2026-03-02T16:00:00Z", ("Available", None, None, *first, *bay)),
        ("2026-03-05T16:00:00Z", ("Active", *term, *first, *bay)),
        ("2026-05-01T16:00:00Z", ("Active", *term, *second, *bay)),
        ("2026-06-01T16:00:00Z", ("Active", *term, *second, *elsewhere)),
        ("2027-03-06T08:00:00Z", ("Expired", *term, *second, *elsewhere)),
    ]:
        row = rows_of(STORY, as_of)["T1"]
        assert tuple(row[key] for key in dated) == expected, as_of


def test_the_other_columns_are_as_known_today(rows_of: RowsOf) -> None:
    corrected = order(
        lines=[order_line(["T1"], part_number="CPCLD-3", term_years=3)],
        customer_name="Customer One",
        revision=1,
        time="2026-08-01T17:00:00Z",
    )
    early = rows_of([*STORY, corrected], "2026-01-15T00:00:00Z")["T1"]
    assert (early["part_number"], early["term_years"], early["customer_name"]) == (
        "CPCLD-3",
        3,
        "Customer One",
    )
    assert early["ship_date"] == "2026-02-01"
    assert early["status"] == "New"


def test_anomalies_are_of_all_that_is_known_whatever_the_instant(rows_of: RowsOf) -> None:
    refused = transferred(from_org="ORG-9", to_org="ORG-1", at="2026-10-01T00:00:00Z")
    assert rows_of([*STORY, refused], "2026-01-15T00:00:00Z")["T1"]["anomalies"] == ["transfer_refused"]


def test_a_retraction_is_not_dated_either(rows_of: RowsOf) -> None:
    # What was taken back in October never was: not in May either.
    move = transferred(at="2026-04-01T00:00:00Z")
    events = [order(), move, retracted(move, time="2026-10-01T16:00:00Z")]
    assert rows_of(events, "2026-05-01T00:00:00Z")["T1"]["org_id"] == "ORG-1"


def test_when_an_event_was_sent_does_not_date_it(rows_of: RowsOf) -> None:
    late = applied(at="2026-03-02T16:00:00Z", time="2026-09-01T00:00:00Z")
    assert rows_of([order(), late], "2026-03-02T16:00:00Z")["T1"]["station_serial"] == "S1"


def test_what_lies_ahead_comes_true_by_itself(rows_of: RowsOf) -> None:
    events = [order(), shipped(), applied(at="2030-01-01T00:00:00Z", time="2026-03-01T00:00:00Z")]
    assert rows_of(events, "2029-12-31T23:59:59.999999Z")["T1"]["station_serial"] is None
    assert rows_of(events, "2030-01-01T00:00:00Z")["T1"]["station_serial"] == "S1"
