"""Rule 9: a known source and id again. How the second is refused is the recorder's to say, not shown here."""

from tests.events import activated, applied, order, shipped, transferred, with_data
from tests.lifecycle.judges import RowsOf

LATER = "2026-12-31T00:00:00Z"


def test_the_same_event_again_has_no_effect(rows_of: RowsOf) -> None:
    events = [order(), shipped(), applied(), activated(), transferred()]
    once = rows_of(events, LATER)
    assert once["T1"]["anomalies"] == []
    assert rows_of([*events, *events], LATER) == once
    assert rows_of([*reversed(events), *events], LATER) == once


def test_with_other_content_what_was_recorded_first_stands(rows_of: RowsOf) -> None:
    first = order(purchase_order="PO-1")
    second = with_data(first, purchase_order="PO-2", revision=7)
    assert rows_of([first, second], LATER)["T1"]["purchase_order"] == "PO-1"
    assert rows_of([second, first], LATER)["T1"]["purchase_order"] == "PO-2"


def test_with_another_type_what_was_recorded_first_stands(rows_of: RowsOf) -> None:
    first = applied(source="urn:test:portal", id="1")
    second = order(source="urn:test:portal", id="1")
    row = rows_of([first, second], LATER)["T1"]
    assert (row["station_serial"], row["sales_order"]) == ("S1", None)


def test_with_another_time_alone_the_first_time_stands(rows_of: RowsOf) -> None:
    first = order(order_date="2026-01-10", time="2026-01-10T17:00:00Z")
    again = first | {"time": "2026-01-05T17:00:00Z"}
    assert rows_of([first, again], "2026-01-09T00:00:00Z") == {}
    assert list(rows_of([again, first], "2026-01-09T00:00:00Z")) == ["T1"]


def test_the_same_id_of_another_source_is_another_event(rows_of: RowsOf) -> None:
    events = [order(), shipped(["T1"], id="1", source="urn:a"), applied("T1", id="1", source="urn:b")]
    row = rows_of(events, LATER)["T1"]
    assert (row["ship_date"], row["station_serial"]) == ("2026-02-01", "S1")
