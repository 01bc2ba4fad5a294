"""Rule 2: the line of a token, its ship date, and who is in the report."""

import pytest

from tests.events import (
    Json,
    activated,
    applied,
    order,
    order_line,
    retracted,
    returned,
    shipped,
    shipped_line,
    transferred,
    unapplied,
)
from tests.lifecycle.judges import RowsOf

LATER = "2026-12-31T00:00:00Z"


def ordered(sales_order: str, *, time: str = "2026-01-10T17:00:00Z", cancelled: bool | None = None) -> Json:
    """An order that lists T1 and names itself in its part number."""
    line = order_line(["T1"], part_number=f"PART-{sales_order}", cancelled=cancelled)
    return order(sales_order=sales_order, lines=[line], time=time)


def delivered(sales_order: str, shipment: str = "SH-1", time: str = "2026-02-01T17:00:00Z") -> Json:
    return shipped(shipment=shipment, lines=[shipped_line(["T1"], sales_order=sales_order)], time=time)


def test_the_line_of_a_token_is_the_one_that_lists_its_serial(rows_of: RowsOf) -> None:
    lines = [
        order_line(["T1"], line="1", part_number="CPCLD-1", cloud_plan="Commercial", term_years=1),
        order_line(["T2"], line="2", part_number="CPCLD-5", cloud_plan="Fleet", term_years=5),
    ]
    placed = order(
        lines=lines,
        purchase_order="PO-7",
        customer_reference="Garage",
        customer_id="C-9",
        customer_name="Customer 9",
        order_date="2026-01-10",
    )
    row = rows_of([placed], LATER)["T2"]
    assert row == {
        "token_serial": "T2",
        "part_number": "CPCLD-5",
        "cloud_plan": "Fleet",
        "description": "Commercial plan, prepaid",
        "term_years": 5,
        "token_type": "Prepaid",
        "org_id": "ORG-1",
        "org_name": "Organization 1",
        "evse_id": None,
        "station_serial": None,
        "station_name": None,
        "activation_date": None,
        "applied_date": None,
        "expiration_date": None,
        "purchase_order": "PO-7",
        "sales_order": "SO-1",
        "customer_reference": "Garage",
        "customer_name": "Customer 9",
        "customer_id": "C-9",
        "order_date": "2026-01-10",
        "ship_date": None,
        "status": "New",
        "anomalies": [],
    }


def test_a_shipment_may_be_the_first_to_say_which_line(rows_of: RowsOf) -> None:
    row = rows_of([order([]), shipped(["T1"])], LATER)["T1"]
    assert (row["sales_order"], row["part_number"], row["ship_date"]) == ("SO-1", "CPCLD-1", "2026-02-01")
    assert row["anomalies"] == []


def test_a_line_that_order_and_shipment_both_name_is_one_line(rows_of: RowsOf) -> None:
    assert rows_of([order(), shipped()], LATER)["T1"]["anomalies"] == []


def test_a_line_that_is_not_cancelled_goes_before_one_that_is(rows_of: RowsOf) -> None:
    cancelled = ordered("SO-2", cancelled=True, time="2026-01-20T17:00:00Z")
    row = rows_of([ordered("SO-1", time="2026-01-10T17:00:00Z"), cancelled], LATER)["T1"]
    assert row["part_number"] == "PART-SO-1"
    # A cancelled line claims the token as long as its version in force lists it.
    assert row["anomalies"] == ["claimed_by_two_lines"]


def test_a_line_known_from_a_shipment_alone_is_not_cancelled(rows_of: RowsOf) -> None:
    row = rows_of([ordered("SO-1", cancelled=True), delivered("SO-9")], LATER)["T1"]
    assert (row["sales_order"], row["part_number"]) == ("SO-9", None)
    assert row["anomalies"] == ["claimed_by_two_lines", "order_missing"]


def test_a_line_with_an_order_goes_before_one_known_from_a_shipment_alone(rows_of: RowsOf) -> None:
    latest = delivered("SO-9", time="2026-03-01T17:00:00Z")
    row = rows_of([ordered("SO-1"), latest], LATER)["T1"]
    assert (row["sales_order"], row["part_number"]) == ("SO-1", "PART-SO-1")
    assert row["anomalies"] == ["claimed_by_two_lines"]


def test_then_the_line_with_the_latest_naming_event(rows_of: RowsOf) -> None:
    earlier, later = (
        ordered("SO-2", time="2026-01-10T17:00:00Z"),
        ordered("SO-1", time="2026-01-11T17:00:00Z"),
    )
    for arrival in ([earlier, later], [later, earlier]):
        row = rows_of(arrival, LATER)["T1"]
        assert row["sales_order"] == "SO-1"
        assert row["anomalies"] == ["claimed_by_two_lines"]


def test_at_one_time_the_source_and_then_the_id_say_which_event_is_the_latest(rows_of: RowsOf) -> None:
    by_id = [
        order(sales_order="SO-1", source="urn:test:erp", id="2"),
        order(sales_order="SO-2", source="urn:test:erp", id="10"),
    ]
    assert rows_of(by_id, LATER)["T1"]["sales_order"] == "SO-1"
    by_source = [
        order(sales_order="SO-1", source="urn:test:a", id="1"),
        order(sales_order="SO-2", source="urn:test:B", id="2"),
    ]
    assert rows_of(by_source, LATER)["T1"]["sales_order"] == "SO-1"


def test_a_shipment_is_a_naming_event_too(rows_of: RowsOf) -> None:
    orders = [ordered("SO-1", time="2026-01-10T17:00:00Z"), ordered("SO-2", time="2026-01-11T17:00:00Z")]
    row = rows_of([*orders, delivered("SO-1", time="2026-01-12T17:00:00Z")], LATER)["T1"]
    assert row["sales_order"] == "SO-1"


def test_an_order_that_does_not_list_the_serial_is_no_naming_event(rows_of: RowsOf) -> None:
    listing = ordered("SO-1", time="2026-02-02T17:00:00Z")
    not_listing = order([], sales_order="SO-2", time="2026-03-01T17:00:00Z")
    row = rows_of([listing, not_listing, delivered("SO-2", time="2026-02-01T17:00:00Z")], LATER)["T1"]
    assert row["sales_order"] == "SO-1"


def test_a_version_that_is_no_longer_in_force_claims_nothing(rows_of: RowsOf) -> None:
    versions = [order(["T1"], sales_order="SO-1", revision=1), order([], sales_order="SO-1", revision=2)]
    row = rows_of([*versions, ordered("SO-2")], LATER)["T1"]
    assert row["sales_order"] == "SO-2"
    assert row["anomalies"] == []


def test_the_ship_date_is_the_earliest_of_all_shipments_whatever_the_line(rows_of: RowsOf) -> None:
    shipments = [
        shipped(shipment="SH-1", ship_date="2026-02-05"),
        shipped(shipment="SH-2", ship_date="2026-02-03", lines=[shipped_line(sales_order="SO-9")]),
        shipped(["T2"], shipment="SH-3", ship_date="2026-02-01"),
    ]
    row = rows_of([order(), *shipments], LATER)["T1"]
    assert (row["sales_order"], row["ship_date"]) == ("SO-1", "2026-02-03")


def test_a_shipment_not_in_force_gives_no_ship_date(rows_of: RowsOf) -> None:
    first = shipped(shipment="SH-1", ship_date="2026-02-01")
    second = shipped(shipment="SH-2", ship_date="2026-02-09")
    assert rows_of([order(), first, second, retracted(first)], LATER)["T1"]["ship_date"] == "2026-02-09"


@pytest.mark.parametrize(
    "fact",
    [
        order(),
        shipped(),
        applied(),
        unapplied(),
        unapplied(station="S9"),
        activated(token="T1"),
        transferred(),
        transferred(from_org="ORG-1", to_org="ORG-1"),
    ],
)
def test_a_token_is_in_the_report_while_a_fact_in_force_names_it(rows_of: RowsOf, fact: Json) -> None:
    assert list(rows_of([fact], LATER)) == ["T1"]
    assert rows_of([fact, retracted(fact)], LATER) == {}


def test_a_return_alone_names_the_token_until_it_is_gone(rows_of: RowsOf) -> None:
    fact = returned(at="2026-09-01T16:00:00Z", time="2026-08-01T16:00:00Z")
    assert list(rows_of([fact], "2026-08-31T00:00:00Z")) == ["T1"]
    assert rows_of([fact, retracted(fact)], "2026-08-31T00:00:00Z") == {}


def test_a_station_that_names_no_token_brings_none_into_the_report(rows_of: RowsOf) -> None:
    assert rows_of([activated()], LATER) == {}


def test_the_tokens_of_a_cancelled_line_leave_the_report(rows_of: RowsOf) -> None:
    cancelled = order(lines=[order_line(["T1"], cancelled=True)], revision=1)
    assert rows_of([order(), cancelled], LATER) == {}


@pytest.mark.parametrize(
    "fact",
    [shipped(), applied(), unapplied(), activated(token="T1"), transferred(), transferred(from_org="ORG-9")],
)
def test_those_that_were_shipped_or_used_stay_and_keep_their_plan(rows_of: RowsOf, fact: Json) -> None:
    cancelled = order(lines=[order_line(["T1"], cancelled=True)], revision=1)
    row = rows_of([order(), cancelled, fact], LATER)["T1"]
    assert (row["part_number"], row["term_years"]) == ("CPCLD-1", 1)
    assert "line_cancelled" in row["anomalies"]


def test_a_cancelled_line_may_come_back(rows_of: RowsOf) -> None:
    cancelled = order(lines=[order_line(["T1"], cancelled=True)], revision=1)
    back = order(lines=[order_line(["T1"], cancelled=False)], revision=2)
    assert rows_of([order(), cancelled, back], LATER)["T1"]["anomalies"] == []
