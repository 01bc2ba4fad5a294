"""Rule 6: New, Available, Active, Expired and gone, each from an instant."""

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
from tests.reference.instants import instant, written

LATER = "2026-12-31T00:00:00Z"


def a_microsecond_before(at: str) -> str:
    return written(instant(at) - 1)


def assert_status_from(rows_of: RowsOf, events: list[Json], at: str, before: str | None, after: str) -> None:
    """T1's status is `before` (None: in no report) until the instant, and `after` from it on."""
    row = rows_of(events, a_microsecond_before(at)).get("T1")
    assert (row and row["status"]) == before
    assert rows_of(events, at)["T1"]["status"] == after


@pytest.mark.parametrize(
    ("fact", "at"),
    [
        pytest.param(order(), "2026-01-10T08:00:00Z", id="midnight of the order date"),
        pytest.param(order(order_date="2026-07-10"), "2026-07-10T07:00:00Z", id="midnight in summer"),
        pytest.param(order(time="2026-01-05T12:00:00Z"), "2026-01-05T12:00:00Z", id="time of the order"),
        pytest.param(
            order([], time="2026-01-05T12:00:00Z", order_date="2026-01-10"),
            None,
            id="an order that does not list it",
        ),
        pytest.param(
            transferred(at="2026-01-05T12:00:00Z", time="2026-01-06T00:00:00Z"),
            "2026-01-05T12:00:00Z",
            id="an instant before its event's time",
        ),
        pytest.param(
            transferred(at="2026-01-05T12:00:00Z", time="2026-01-04T00:00:00Z"),
            "2026-01-04T00:00:00Z",
            id="an event's time before its instant",
        ),
        pytest.param(
            transferred(from_org="ORG-1", to_org="ORG-1", at="2026-01-05T12:00:00Z"),
            "2026-01-05T12:00:00Z",
            id="a refused transfer",
        ),
        pytest.param(unapplied(at="2026-01-05T12:00:00Z"), "2026-01-05T12:00:00Z", id="un-applied"),
        pytest.param(
            unapplied(station="S9", at="2026-01-05T12:00:00Z"),
            "2026-01-05T12:00:00Z",
            id="un-applied without effect",
        ),
        pytest.param(
            applied(at="2026-01-05T12:00:00Z", time="2026-01-04T12:00:00Z"),
            "2026-01-04T12:00:00Z",
            id="applied",
        ),
        pytest.param(
            activated(token="T1", at="2026-01-05T12:00:00Z", time="2026-01-04T12:00:00Z"),
            "2026-01-04T12:00:00Z",
            id="named by a station",
        ),
        pytest.param(
            returned(at="2026-09-01T00:00:00Z", time="2026-01-04T12:00:00Z"),
            "2026-01-04T12:00:00Z",
            id="returned",
        ),
        pytest.param(
            shipped(ship_date="2026-02-01", time="2026-01-04T12:00:00Z"),
            "2026-01-04T12:00:00Z",
            id="time of a shipment",
        ),
    ],
)
def test_new_from_the_earliest_instant_in_a_fact_that_names_it(
    rows_of: RowsOf, fact: Json, at: str | None
) -> None:
    if at is None:
        assert rows_of([fact], LATER) == {}
    else:
        assert_status_from(rows_of, [fact], at, None, "New")


def test_new_from_the_midnight_of_its_shipment_where_that_is_first(rows_of: RowsOf) -> None:
    events = [order(order_date="2026-03-01"), shipped(ship_date="2026-02-01", time="2026-03-01T00:00:00Z")]
    assert_status_from(rows_of, events, "2026-02-01T08:00:00Z", None, "Available")


def test_starts_at_does_not_make_it_new(rows_of: RowsOf) -> None:
    events = [order(), applied(starts_at="2025-06-01T00:00:00Z")]
    assert_status_from(rows_of, events, "2026-01-10T08:00:00Z", None, "New")


def test_an_activation_that_does_not_name_it_does_not_make_it_new(rows_of: RowsOf) -> None:
    events = [order(), applied(), activated(at="2025-06-01T00:00:00Z")]
    assert_status_from(rows_of, events, "2026-01-10T08:00:00Z", None, "New")


def test_the_order_date_of_its_line_counts_even_where_a_shipment_alone_lists_it(rows_of: RowsOf) -> None:
    # The time of that order does not: it is no fact that names the token.
    placed = order([], order_date="2026-01-10", time="2026-01-05T12:00:00Z")
    assert_status_from(rows_of, [placed, shipped()], "2026-01-10T08:00:00Z", None, "New")


def test_a_cancelled_version_that_lists_it_counts_too(rows_of: RowsOf) -> None:
    cancelled = order(
        sales_order="SO-2",
        lines=[order_line(["T1"], cancelled=True)],
        order_date="2026-01-03",
        time="2026-01-04T00:00:00Z",
    )
    assert_status_from(rows_of, [order(), cancelled], "2026-01-03T08:00:00Z", None, "New")


def test_another_line_that_lists_it_counts_too(rows_of: RowsOf) -> None:
    other = order(sales_order="SO-2", order_date="2026-01-03", time="2026-01-09T00:00:00Z")
    events = [order(time="2026-01-20T00:00:00Z"), other]
    assert rows_of(events, LATER)["T1"]["sales_order"] == "SO-1"
    assert_status_from(rows_of, events, "2026-01-03T08:00:00Z", None, "New")


def test_a_shipment_known_under_another_line_does_not_bring_that_lines_order_date(rows_of: RowsOf) -> None:
    # SO-2 does not list T1, and T1's line is SO-1, whose naming event is the latest.
    other = order([], sales_order="SO-2", order_date="2026-01-03", time="2026-01-03T17:00:00Z")
    under_other = shipped(lines=[shipped_line(sales_order="SO-2")], time="2026-02-01T17:00:00Z")
    latest = order(order_date="2026-01-10", time="2026-02-02T17:00:00Z")
    assert_status_from(rows_of, [other, under_other, latest], "2026-01-10T08:00:00Z", None, "New")


def test_a_version_not_in_force_does_not_make_it_new(rows_of: RowsOf) -> None:
    replaced = order(order_date="2026-01-02", revision=1)
    mistake = transferred(at="2026-01-01T00:00:00Z")
    events = [replaced, order(revision=2), mistake, retracted(mistake)]
    assert_status_from(rows_of, events, "2026-01-10T08:00:00Z", None, "New")


@pytest.mark.parametrize(
    ("facts", "at", "after"),
    [
        pytest.param([shipped()], "2026-02-01T08:00:00Z", "Available", id="midnight of the ship date"),
        pytest.param(
            [shipped(shipment="SH-1", ship_date="2026-02-09"), shipped(shipment="SH-2")],
            "2026-02-01T08:00:00Z",
            "Available",
            id="the earliest ship date",
        ),
        pytest.param([applied()], "2026-03-02T16:00:00Z", "Available", id="applied, not shipped"),
        pytest.param(
            [shipped(), applied(at="2026-01-20T16:00:00Z")],
            "2026-01-20T16:00:00Z",
            "Available",
            id="applied before it was shipped",
        ),
        pytest.param(
            [applied(at="2026-01-20T16:00:00Z"), unapplied(at="2026-01-20T17:00:00Z"), shipped()],
            "2026-01-20T16:00:00Z",
            "Available",
            id="the first application, un-applied since",
        ),
        pytest.param(
            [activated(token="T1"), shipped(ship_date="2026-04-01")],
            "2026-03-05T16:00:00Z",
            "Active",
            id="started before it was shipped",
        ),
    ],
)
def test_available_from_ship_date_first_application_or_start(
    rows_of: RowsOf, facts: list[Json], at: str, after: str
) -> None:
    assert_status_from(rows_of, [order(), *facts], at, "New", after)


def test_a_token_does_not_fall_back_from_available(rows_of: RowsOf) -> None:
    events = [order(), applied(at="2026-01-20T16:00:00Z"), unapplied(at="2026-01-20T17:00:00Z"), shipped()]
    assert rows_of(events, "2026-01-25T00:00:00Z")["T1"]["status"] == "Available"


def test_active_from_the_start_of_the_term(rows_of: RowsOf) -> None:
    events = [order(), shipped(), applied(), activated()]
    assert_status_from(rows_of, events, "2026-03-05T16:00:00Z", "Available", "Active")


def test_expired_from_the_end_of_the_term(rows_of: RowsOf) -> None:
    events = [order(), shipped(), applied(), activated()]
    assert_status_from(rows_of, events, "2027-03-06T08:00:00Z", "Active", "Expired")


def test_the_furthest_stage_reached_is_the_status(rows_of: RowsOf) -> None:
    # Shipped, by its papers, when its term was over.
    events = [order(), applied(), activated(), shipped(ship_date="2027-06-01")]
    assert rows_of(events, "2026-04-01T00:00:00Z")["T1"]["status"] == "Active"
    assert rows_of(events, "2027-06-02T00:00:00Z")["T1"]["status"] == "Expired"


def test_gone_from_the_earliest_return(rows_of: RowsOf) -> None:
    returns = [returned(at="2026-09-01T16:00:00Z"), returned(at="2026-08-01T16:00:00Z")]
    events = [order(), shipped(), *returns]
    assert rows_of(events, "2026-08-01T15:59:59.999999Z")["T1"]["status"] == "Available"
    assert rows_of(events, "2026-08-01T16:00:00Z") == {}
    assert rows_of(events, "2199-01-01T00:00:00Z") == {}


def test_a_gone_token_stays_gone_whatever_happens_to_it(rows_of: RowsOf) -> None:
    events = [order(), returned(at="2026-02-20T00:00:00Z"), applied(), activated(), transferred()]
    assert rows_of(events, LATER) == {}


def test_a_return_takes_only_the_tokens_that_it_names(rows_of: RowsOf) -> None:
    assert list(rows_of([order(["T1", "T2", "T3"]), returned(["T1", "T3"])], LATER)) == ["T2"]


def test_a_retracted_return_brings_the_token_back(rows_of: RowsOf) -> None:
    fact = returned()
    assert rows_of([order(), fact, retracted(fact)], LATER)["T1"]["status"] == "New"


def test_activation_and_expiration_dates_are_empty_before_the_start(rows_of: RowsOf) -> None:
    events = [order(), shipped(), applied(), activated()]
    before = rows_of(events, "2026-03-05T15:59:59.999999Z")["T1"]
    assert (before["activation_date"], before["expiration_date"]) == (None, None)
    after = rows_of(events, "2026-03-05T16:00:00Z")["T1"]
    assert (after["activation_date"], after["expiration_date"]) == ("2026-03-05", "2027-03-05")
