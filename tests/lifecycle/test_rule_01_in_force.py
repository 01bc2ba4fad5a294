"""Rule 1: what is in force. Retractions, and the versions of documents."""

import pytest

from tests.events import Json, activated, applied, order, order_line, retracted, shipped
from tests.lifecycle.judges import RowsOf

LATER = "2026-12-31T00:00:00Z"


def test_a_retracted_event_is_ignored(rows_of: RowsOf) -> None:
    report = activated()
    assert rows_of([order(), applied(), report], LATER)["T1"]["status"] == "Active"
    assert rows_of([order(), applied(), report, retracted(report)], LATER)["T1"]["status"] == "Available"


def test_a_retraction_may_come_before_its_event(rows_of: RowsOf) -> None:
    report = activated()
    assert rows_of([retracted(report), order(), applied(), report], LATER)["T1"]["status"] == "Available"


def test_a_retraction_of_an_event_never_sent_has_no_effect(rows_of: RowsOf) -> None:
    events = [order(), applied(), activated(), retracted({"source": "urn:test:erp", "id": "never sent"})]
    assert rows_of(events, LATER)["T1"]["status"] == "Active"


def test_a_retraction_takes_back_by_source_and_id_together(rows_of: RowsOf) -> None:
    report = activated(source="urn:test:firmware", id="same")
    of_another_source = {"source": "urn:test:portal", "id": "same"}
    of_another_id = {"source": "urn:test:firmware", "id": "other"}
    events = [order(), applied(), report, retracted(of_another_source), retracted(of_another_id)]
    assert rows_of(events, LATER)["T1"]["status"] == "Active"


def test_a_retraction_takes_the_whole_event_back_for_every_token(rows_of: RowsOf) -> None:
    shipment = shipped(["T1", "T2"])
    rows = rows_of([order(["T1", "T2"]), shipment, retracted(shipment)], LATER)
    assert [rows["T1"]["ship_date"], rows["T2"]["ship_date"]] == [None, None]


def test_a_retraction_cannot_be_retracted(rows_of: RowsOf) -> None:
    report = activated()
    retraction = retracted(report)
    events = [order(), applied(), report, retraction, retracted(retraction)]
    assert rows_of(events, LATER)["T1"]["status"] == "Available"


def test_a_retracted_event_may_be_sent_again_under_a_new_id(rows_of: RowsOf) -> None:
    report = activated()
    events = [order(), applied(), report, retracted(report), activated()]
    assert rows_of(events, LATER)["T1"]["status"] == "Active"


def test_a_retracted_version_leaves_the_one_before_it_in_force(rows_of: RowsOf) -> None:
    first = order(purchase_order="PO-1", time="2026-01-10T17:00:00Z")
    correction = order(purchase_order="PO-2", time="2026-01-11T17:00:00Z")
    assert rows_of([first, correction], LATER)["T1"]["purchase_order"] == "PO-2"
    assert rows_of([first, correction, retracted(correction)], LATER)["T1"]["purchase_order"] == "PO-1"


JAN_10, JAN_11 = "2026-01-10T17:00:00Z", "2026-01-11T17:00:00Z"
# Of two versions, first the one that is in force: by revision (or 0), then time, then source, then id.
VERSIONS = [
    pytest.param({"revision": 2, "time": JAN_10}, {"revision": 1, "time": JAN_11}, id="revision"),
    pytest.param({"revision": 10}, {"revision": 9}, id="as numbers"),
    pytest.param({"revision": 1, "time": JAN_10}, {"time": JAN_11}, id="none is 0"),
    pytest.param({"time": JAN_11}, {"revision": 0, "time": JAN_10}, id="0 is none"),
    pytest.param({"time": JAN_11}, {"time": JAN_10}, id="time"),
    pytest.param(
        {"time": "2026-01-10T09:00:00-08:00"}, {"time": "2026-01-10T16:59:59Z"}, id="time as an instant"
    ),
    pytest.param({"time": "2026-01-10T17:00:00.000001Z"}, {"time": JAN_10}, id="microseconds"),
    pytest.param({"source": "urn:test:a", "id": "1"}, {"source": "urn:test:B", "id": "2"}, id="source"),
    pytest.param({"id": "e9"}, {"id": "e10"}, id="id as a text"),
    pytest.param({"id": "\U0001f50c"}, {"id": "\uffee"}, id="id by code point"),
    pytest.param(
        {"time": "2026-01-10T17:00:00.1234561Z", "id": "2"},
        {"time": "2026-01-10T17:00:00.1234569Z", "id": "1"},
        id="finer digits are cut off",
    ),
]


@pytest.mark.parametrize(("last", "earlier"), VERSIONS)
def test_the_last_version_of_an_order_line_is_in_force(rows_of: RowsOf, last: Json, earlier: Json) -> None:
    expected = order(purchase_order="last", **last)
    replaced = order(purchase_order="earlier", **earlier)
    for arrival in ([expected, replaced], [replaced, expected]):
        assert rows_of(arrival, LATER)["T1"]["purchase_order"] == "last"


@pytest.mark.parametrize(("last", "earlier"), VERSIONS)
def test_the_last_version_of_a_shipment_is_in_force(rows_of: RowsOf, last: Json, earlier: Json) -> None:
    common: Json = {"time": JAN_10}
    expected = shipped(ship_date="2026-02-20", **common | last)
    replaced = shipped(ship_date="2026-02-10", **common | earlier)
    for arrival in ([expected, replaced], [replaced, expected]):
        assert rows_of([order(), *arrival], LATER)["T1"]["ship_date"] == "2026-02-20"


def test_a_version_replaces_the_earlier_whole_serials_included(rows_of: RowsOf) -> None:
    first = order(["T1", "T2"], purchase_order="PO-1", revision=1)
    second = order(["T2", "T3"], purchase_order=None, revision=2)
    rows = rows_of([first, second], LATER)
    assert sorted(rows) == ["T2", "T3"]
    assert rows["T2"]["purchase_order"] is None


def test_a_shipments_version_replaces_the_earlier_whole_serials_included(rows_of: RowsOf) -> None:
    first = shipped(["T1", "T2"], ship_date="2026-02-01", revision=1)
    second = shipped(["T2"], ship_date="2026-02-02", revision=2)
    rows = rows_of([order(["T1", "T2"]), first, second], LATER)
    assert rows["T1"]["ship_date"] is None
    assert rows["T2"]["ship_date"] == "2026-02-02"


def test_shipments_of_other_numbers_do_not_replace_each_other(rows_of: RowsOf) -> None:
    partial = [shipped(["T1"], shipment="SH-1"), shipped(["T2"], shipment="SH-2", ship_date="2026-02-09")]
    rows = rows_of([order(["T1", "T2"]), *partial], LATER)
    assert rows["T1"]["ship_date"] == "2026-02-01"
    assert rows["T2"]["ship_date"] == "2026-02-09"


def test_an_order_event_that_leaves_out_a_line_says_nothing_about_that_line(rows_of: RowsOf) -> None:
    first = order(
        lines=[order_line(["T1"], line="1"), order_line(["T2"], line="2")], purchase_order="PO-1", revision=1
    )
    second = order(lines=[order_line(["T2"], line="2")], purchase_order="PO-2", revision=2)
    rows = rows_of([first, second], LATER)
    assert rows["T1"]["purchase_order"] == "PO-1"
    assert rows["T2"]["purchase_order"] == "PO-2"


def test_lines_of_the_same_name_in_two_orders_are_two_lines(rows_of: RowsOf) -> None:
    orders = [order(["T1"], sales_order="SO-1"), order(["T2"], sales_order="SO-2", revision=5)]
    rows = rows_of(orders, LATER)
    assert rows["T1"]["sales_order"] == "SO-1"
    assert rows["T2"]["sales_order"] == "SO-2"


def test_the_time_of_a_document_counts_and_not_when_it_was_sent(rows_of: RowsOf) -> None:
    changed_last = order(customer_name="Last", time="2026-01-12T17:00:00Z")
    sent_last = order(customer_name="Earlier", time="2026-01-11T17:00:00Z")
    assert rows_of([changed_last, sent_last], LATER)["T1"]["customer_name"] == "Last"
