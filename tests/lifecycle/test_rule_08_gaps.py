"""Rule 8: tokens with missing facts, and the anomalies."""

from typing import Any

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

LATER = "2026-08-01T00:00:00Z"


def anomalies(rows_of: RowsOf, *events: Json) -> list[str]:
    names: list[str] = rows_of(events, LATER)["T1"]["anomalies"]
    return names


def test_a_token_with_missing_facts_is_in_the_report_with_what_is_known(rows_of: RowsOf) -> None:
    row = rows_of([applied(station_name="Bay 1"), activated()], LATER)["T1"]
    known = {key: value for key, value in row.items() if value is not None}
    assert known == {
        "token_serial": "T1",
        "station_serial": "S1",
        "station_name": "Bay 1",
        "applied_date": "2026-03-02",
        "activation_date": "2026-03-05",
        "status": "Active",
        "anomalies": ["order_missing", "shipment_missing"],
    }


def test_the_sales_order_may_come_from_the_shipment_alone(rows_of: RowsOf) -> None:
    row = rows_of([shipped(lines=[shipped_line(sales_order="SO-9")])], LATER)["T1"]
    assert (row["sales_order"], row["ship_date"], row["part_number"]) == ("SO-9", "2026-02-01", None)


def test_a_token_with_all_its_facts_has_none(rows_of: RowsOf) -> None:
    events = [order(), shipped(), applied(), activated(token="T1"), transferred(), unapplied(), returned()]
    assert anomalies(rows_of, *events) == []


def test_they_are_sorted(rows_of: RowsOf) -> None:
    cancelled = order(sales_order="SO-2", lines=[order_line(["T1"], cancelled=True)])
    unknown = shipped(lines=[shipped_line(sales_order="SO-9")])
    events = [cancelled, unknown, transferred(from_org="A", to_org="A"), activated(token="T1")]
    assert anomalies(rows_of, *events) == [
        "activated_unapplied",
        "claimed_by_two_lines",
        "order_missing",
        "transfer_refused",
    ]


class TestOrderMissing:
    def test_no_version_of_its_line_is_in_force(self, rows_of: RowsOf) -> None:
        assert anomalies(rows_of, shipped()) == ["order_missing"]
        placed = order()
        assert anomalies(rows_of, placed, shipped()) == []
        assert anomalies(rows_of, placed, shipped(), retracted(placed)) == ["order_missing"]

    def test_another_line_of_its_order_does_not_help(self, rows_of: RowsOf) -> None:
        other = order(lines=[order_line([], line="2")])
        assert anomalies(rows_of, other, shipped()) == ["order_missing"]

    def test_a_token_without_any_line_misses_its_order_too(self, rows_of: RowsOf) -> None:
        assert anomalies(rows_of, transferred()) == ["order_missing"]

    def test_a_cancelled_version_in_force_is_not_missing(self, rows_of: RowsOf) -> None:
        cancelled = order(lines=[order_line(["T1"], cancelled=True)])
        assert anomalies(rows_of, cancelled, shipped()) == ["line_cancelled"]


class TestShipmentMissing:
    def test_applied_without_a_ship_date(self, rows_of: RowsOf) -> None:
        assert anomalies(rows_of, order(), applied()) == ["shipment_missing"]
        assert anomalies(rows_of, order(), applied(), shipped()) == []

    def test_ever_applied_is_enough(self, rows_of: RowsOf) -> None:
        assert anomalies(rows_of, order(), applied(), unapplied()) == ["shipment_missing"]

    def test_started_without_a_ship_date(self, rows_of: RowsOf) -> None:
        assert anomalies(rows_of, order(), activated(token="T1")) == [
            "activated_unapplied",
            "shipment_missing",
        ]

    @pytest.mark.parametrize("fact", [transferred(), unapplied()])
    def test_not_while_it_is_neither_applied_nor_started(self, rows_of: RowsOf, fact: Json) -> None:
        assert anomalies(rows_of, order(), fact) == []

    def test_not_by_an_application_that_was_retracted(self, rows_of: RowsOf) -> None:
        mistake = applied()
        assert anomalies(rows_of, order(), mistake, retracted(mistake)) == []

    def test_a_shipment_of_other_tokens_is_none(self, rows_of: RowsOf) -> None:
        assert anomalies(rows_of, order(["T1", "T2"]), applied(), shipped(["T2"])) == ["shipment_missing"]


class TestLineCancelled:
    def test_the_version_in_force_of_its_line_is_cancelled(self, rows_of: RowsOf) -> None:
        cancelled = order(lines=[order_line(["T1"], cancelled=True)], revision=1)
        assert anomalies(rows_of, order(), cancelled, shipped()) == ["line_cancelled"]

    def test_also_where_a_shipment_alone_lists_the_token(self, rows_of: RowsOf) -> None:
        cancelled = order(lines=[order_line([], cancelled=True)])
        assert anomalies(rows_of, cancelled, shipped()) == ["line_cancelled"]

    def test_not_by_another_line_that_claims_the_token(self, rows_of: RowsOf) -> None:
        cancelled = order(sales_order="SO-2", lines=[order_line(["T1"], cancelled=True)])
        assert anomalies(rows_of, order(), cancelled) == ["claimed_by_two_lines"]


class TestActivatedUnapplied:
    def test_named_at_the_start_at_a_station_to_which_it_was_never_applied(self, rows_of: RowsOf) -> None:
        assert anomalies(rows_of, order(), shipped(), activated("S1", token="T1")) == ["activated_unapplied"]

    def test_applied_elsewhere_is_not_applied_there(self, rows_of: RowsOf) -> None:
        events = [order(), shipped(), applied(station="S2"), activated("S1", token="T1")]
        assert anomalies(rows_of, *events) == ["activated_unapplied"]

    @pytest.mark.parametrize("at", ["2026-02-15T00:00:00Z", "2026-06-01T00:00:00Z"])
    def test_not_where_it_was_ever_applied_there_before_or_since(self, rows_of: RowsOf, at: str) -> None:
        moves = [applied(station="S1", at=at), applied(station="S2", at="2026-02-20T00:00:00Z")]
        events = [order(), shipped(), *moves, activated("S1", token="T1")]
        assert anomalies(rows_of, *events) == []

    def test_an_application_retracted_is_none(self, rows_of: RowsOf) -> None:
        mistake = applied(station="S1")
        events = [order(), shipped(), mistake, retracted(mistake), activated("S1", token="T1")]
        assert anomalies(rows_of, *events) == ["activated_unapplied"]

    def test_not_by_an_activation_after_the_start(self, rows_of: RowsOf) -> None:
        started = [order(), shipped(), applied(station="S1"), activated("S1")]
        named_later = activated("S2", at="2026-04-01T00:00:00Z", token="T1")
        assert anomalies(rows_of, *started, named_later) == []

    def test_also_where_another_candidate_gives_the_same_instant(self, rows_of: RowsOf) -> None:
        at = "2026-03-05T16:00:00Z"
        started = [order(), shipped(), applied(station="S1"), activated("S1", at=at)]
        assert anomalies(rows_of, *started, activated("S2", at=at, token="T1")) == ["activated_unapplied"]
        assert anomalies(rows_of, *started, activated("S2", at=at, token="T2")) == []


class TestShippedBeforeOrdered:
    @pytest.mark.parametrize(
        ("ship_date", "expected"),
        [("2026-01-09", ["shipped_before_ordered"]), ("2026-01-10", []), ("2026-01-11", [])],
    )
    def test_by_the_dates(self, rows_of: RowsOf, ship_date: str, expected: list[str]) -> None:
        shipment = shipped(ship_date=ship_date, time="2026-01-20T00:00:00Z")
        assert anomalies(rows_of, order(order_date="2026-01-10"), shipment) == expected

    def test_by_the_earliest_ship_date(self, rows_of: RowsOf) -> None:
        shipments = [shipped(shipment="SH-1"), shipped(shipment="SH-2", ship_date="2026-01-09")]
        assert anomalies(rows_of, order(), *shipments) == ["shipped_before_ordered"]

    def test_not_without_an_order(self, rows_of: RowsOf) -> None:
        assert anomalies(rows_of, shipped(ship_date="2001-01-01")) == ["order_missing"]


class TestTransferRefused:
    @pytest.mark.parametrize(
        ("from_org", "to_org", "expected"),
        [
            ("ORG-1", "ORG-2", []),
            ("ORG-1", "ORG-1", ["transfer_refused"]),
            ("ORG-2", "ORG-1", ["transfer_refused"]),
        ],
    )
    def test_any_that_is_refused(
        self, rows_of: RowsOf, from_org: str, to_org: str, expected: list[str]
    ) -> None:
        assert anomalies(rows_of, order(), transferred(from_org=from_org, to_org=to_org)) == expected

    def test_not_one_that_was_retracted(self, rows_of: RowsOf) -> None:
        mistake = transferred(from_org="ORG-2")
        assert anomalies(rows_of, order(), mistake, retracted(mistake)) == []


# The start of a term in these: 5 March 2026, 16:00 UTC.
STARTED = [shipped(), applied(), activated()]
BEFORE, AT, AFTER = "2026-03-05T15:59:59.999999Z", "2026-03-05T16:00:00Z", "2026-03-05T16:00:00.000001Z"


def version(time: str, *, sales_order: str = "SO-1", source: str = "urn:test:erp", **plan: Any) -> Json:
    """A version of T1's order line, of that time and plan."""
    return order(sales_order=sales_order, lines=[order_line(["T1"], **plan)], time=time, source=source)


class TestPlanChangedInTerm:
    @pytest.mark.parametrize("plan", [{"part_number": "CPCLD-9"}, {"cloud_plan": "Fleet"}, {"term_years": 2}])
    def test_part_number_plan_or_term_changed_after_the_start(self, rows_of: RowsOf, plan: Json) -> None:
        assert anomalies(rows_of, order(), *STARTED, version(AFTER, **plan)) == ["plan_changed_in_term"]

    @pytest.mark.parametrize("time", [BEFORE, AT])
    def test_not_what_changed_up_to_the_start(self, rows_of: RowsOf, time: str) -> None:
        assert anomalies(rows_of, order(), *STARTED, version(time, term_years=2)) == []

    def test_not_without_a_start(self, rows_of: RowsOf) -> None:
        assert anomalies(rows_of, order(), shipped(), applied(), version(AFTER, term_years=2)) == []

    def test_not_what_changed_and_changed_back(self, rows_of: RowsOf) -> None:
        versions = [version(AFTER, term_years=2), version("2026-05-01T00:00:00Z", term_years=1)]
        assert anomalies(rows_of, order(), *STARTED, *versions) == []

    def test_not_by_other_cells(self, rows_of: RowsOf) -> None:
        other = version(AFTER, description="Another", token_type="Another")
        assert anomalies(rows_of, order(), *STARTED, other) == []

    def test_not_where_the_first_order_came_after_the_start(self, rows_of: RowsOf) -> None:
        assert anomalies(rows_of, *STARTED, version(AFTER, term_years=2)) == []

    def test_not_where_the_order_is_known_no_longer(self, rows_of: RowsOf) -> None:
        placed = order()
        assert anomalies(rows_of, placed, *STARTED, retracted(placed, time=AFTER)) == ["order_missing"]

    def test_the_time_of_the_document_counts(self, rows_of: RowsOf) -> None:
        # Delivered before anything else was: its time alone says that it changed the plan in term.
        assert anomalies(rows_of, version(AFTER, term_years=2), order(), *STARTED) == ["plan_changed_in_term"]

    def test_a_retraction_after_the_start_changes_the_plan(self, rows_of: RowsOf) -> None:
        mistake = version("2026-02-20T00:00:00Z", term_years=2)
        events = [order(), mistake, *STARTED]
        assert anomalies(rows_of, *events, retracted(mistake, time=AFTER)) == ["plan_changed_in_term"]
        assert anomalies(rows_of, *events, retracted(mistake, time=AT)) == []

    def test_of_several_retractions_the_earliest_counts(self, rows_of: RowsOf) -> None:
        mistake = version("2026-02-20T00:00:00Z", term_years=2)
        twice = [retracted(mistake, time=AFTER), retracted(mistake, time=BEFORE)]
        assert anomalies(rows_of, order(), mistake, *STARTED, *twice) == []

    def test_a_retraction_may_have_an_earlier_time_than_its_event(self, rows_of: RowsOf) -> None:
        mistake = version("2026-02-20T00:00:00Z", term_years=2)
        retraction = retracted(mistake, time="2026-02-01T00:00:00Z")
        assert anomalies(rows_of, order(), mistake, *STARTED, retraction) == []

    def test_another_line_may_have_become_the_tokens(self, rows_of: RowsOf) -> None:
        other = version(AFTER, sales_order="SO-2", term_years=2)
        assert anomalies(rows_of, order(), *STARTED, other) == [
            "claimed_by_two_lines",
            "plan_changed_in_term",
        ]

    def test_a_shipment_may_have_made_another_line_the_tokens(self, rows_of: RowsOf) -> None:
        unlisted = order(sales_order="SO-2", lines=[order_line([], term_years=2)])
        later = shipped(shipment="SH-2", lines=[shipped_line(sales_order="SO-2")], time=AFTER)
        assert anomalies(rows_of, order(), unlisted, *STARTED, later) == [
            "claimed_by_two_lines",
            "plan_changed_in_term",
        ]

    def test_a_line_cancelled_since_may_have_lost_the_token(self, rows_of: RowsOf) -> None:
        two = [version("2026-02-20T00:00:00Z", sales_order="SO-2", term_years=2), order()]
        cancelled = order(sales_order="SO-2", lines=[order_line(["T1"], cancelled=True)], time=AFTER)
        assert anomalies(rows_of, *two, *STARTED, cancelled) == [
            "claimed_by_two_lines",
            "plan_changed_in_term",
        ]
