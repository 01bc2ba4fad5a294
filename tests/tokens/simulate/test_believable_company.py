"""A company, not noise: everything that the report can show is in it, in proportions that one meets."""

import json
from collections import Counter
from statistics import mean

import pytest

from lifecycle.stages import Status
from schemas.topics import EVENT_TYPES
from tests.events import Json
from tests.reference.rules import History, Row, history_of, rows_from
from tests.tokens.simulate.conftest import UNTIL, ZONE, Company
from tokens.simulate.options import Options
from tokens.simulate.stream import simulate

ANOMALIES = {
    "activated_unapplied",
    "claimed_by_two_lines",
    "line_cancelled",
    "order_missing",
    "plan_changed_in_term",
    "shipment_missing",
    "shipped_before_ordered",
    "transfer_refused",
}


@pytest.fixture(scope="module")
def histories(company: Company) -> dict[str, History]:
    return history_of(company.events, ZONE)


@pytest.fixture(scope="module")
def rows(company: Company, histories: dict[str, History]) -> dict[str, Row]:
    return rows_from(histories, company.options.until)


def _lines(orders: list[Json]) -> list[Json]:
    return [line for order in orders if order["data"]["revision"] == 0 for line in order["data"]["lines"]]


def test_all_types_of_events_in_their_proportions(company: Company) -> None:
    tokens = company.options.tokens
    types = Counter(event["type"].split(".", 1)[1].removesuffix(".v1") for event in company.events)
    assert set(EVENT_TYPES) == {f"servicetokens.{middle}.v1" for middle in types}
    assert 3.5 < len(company.events) / tokens < 5.5
    assert 0.02 < types["order.placed"] / tokens < 0.08
    assert 0.02 < types["order.shipped"] / tokens < 0.08
    assert 0.65 < types["token.applied"] / tokens < 0.90
    assert types["station.activated"] > 3 * types["token.applied"]
    for rare in ("token.unapplied", "token.returned", "token.transferred", "event.retracted"):
        assert 0.002 < types[rare] / tokens < 0.02, rare


def test_all_four_statuses_and_some_that_are_gone(
    rows: dict[str, Row], histories: dict[str, History]
) -> None:
    shares = {
        status: count / len(rows) for status, count in Counter(row["status"] for row in rows.values()).items()
    }
    assert set(shares) == {str(status) for status in Status}
    assert shares["Active"] > shares["Available"] > shares["Expired"] > shares["New"] > 0.01
    gone = [history for history in histories.values() if history.stages.gone is not None]
    assert 0.003 < len(gone) / len(histories) < 0.05


@pytest.mark.parametrize("seed", range(1, 9))
def test_even_a_small_company_has_all_four_statuses(seed: int) -> None:
    options = Options(seed=seed, tokens=1_000, days=800, until=UNTIL)
    small = history_of([json.loads(line) for line in simulate(options)], ZONE)
    assert len({row["status"] for row in rows_from(small, UNTIL).values()}) == len(Status)


def test_every_anomaly_somewhere_but_hardly_anywhere(rows: dict[str, Row]) -> None:
    found = Counter(anomaly for row in rows.values() for anomaly in row["anomalies"])
    assert set(found) == ANOMALIES
    assert all(count / len(rows) < 0.04 for count in found.values())


def test_customers_with_several_orders_and_up_to_three_organizations(company: Company) -> None:
    customers: dict[str, set[str]] = {}
    organizations: dict[str, set[str]] = {}
    for order in company.of_type("order.placed"):
        data = order["data"]
        customers.setdefault(data["customer_id"], set()).add(data["sales_order"])
        organizations.setdefault(data["customer_id"], set()).add(data["org_id"])
    assert 30 < len(customers) < 100
    assert mean(map(len, customers.values())) > 3
    assert {len(owned) for owned in organizations.values()} == {1, 2, 3}


def test_lines_of_several_plans_and_terms_mostly_of_ten_to_twenty_tokens(company: Company) -> None:
    lines = _lines(company.of_type("order.placed"))
    assert len({line["cloud_plan"] for line in lines}) >= 5
    assert len({line["part_number"] for line in lines}) >= 10
    assert {line["term_years"] for line in lines} == {1, 3, 5}
    assert {line["token_type"] for line in lines} == {"Subscription", "Care", "Renewal", "Trial"}
    quantities = sorted(line["quantity"] for line in lines)
    assert 1 <= quantities[0] <= 4
    assert 10 <= quantities[len(quantities) // 2] <= 20
    assert 60 < quantities[-1] <= 200


def test_partial_shipments_and_serials_that_only_the_shipment_names(company: Company) -> None:
    shipments: dict[tuple[str, str], set[str]] = {}
    for shipment in company.of_type("order.shipped"):
        for line in shipment["data"]["lines"]:
            key = line["sales_order"], line["line"]
            shipments.setdefault(key, set()).add(shipment["data"]["shipment"])
    assert 0.15 < sum(len(parts) > 1 for parts in shipments.values()) / len(shipments) < 0.5
    lines = _lines(company.of_type("order.placed"))
    assert 0.2 < sum(not line["token_serials"] for line in lines) / len(lines) < 0.5


def test_corrections_of_orders_and_shipments(company: Company) -> None:
    orders, shipments = company.of_type("order.placed"), company.of_type("order.shipped")
    assert any(order["data"]["revision"] > 0 for order in orders)
    assert any(shipment["data"]["revision"] > 0 for shipment in shipments)
    assert any(line.get("cancelled") for order in orders for line in order["data"]["lines"])


def test_applied_weeks_after_delivery(histories: dict[str, History]) -> None:
    weeks = [
        (history.moves[0].at - history.stages.available) / 604_800e6
        for history in histories.values()
        if history.moves and history.shipped is not None and history.stages.available is not None
    ]
    assert 2 < mean(weeks) < 8


def test_stations_report_at_every_boot_several_times_a_year(company: Company) -> None:
    boots = Counter(event["data"]["station_serial"] for event in company.of_type("station.activated"))
    assert 3 < mean(boots.values()) < 12
    assert len({event["data"]["evse_id"] for event in company.of_type("token.applied")}) > len(boots) / 2


def test_renewals_bought_before_the_term_ends_some_still_to_start(company: Company) -> None:
    planned = [event["data"] for event in company.of_type("token.applied") if "starts_at" in event["data"]]
    assert 0.02 < len(planned) / company.options.tokens < 0.15
    assert all(data["applied_at"] < data["starts_at"] for data in planned)
    assert any(data["starts_at"] > "2026-03-02" for data in planned)


def test_a_renewal_starts_when_the_term_before_it_ends(
    company: Company, histories: dict[str, History]
) -> None:
    ends = {history.stages.expired for history in histories.values()}
    renewals = {
        e["data"]["token_serial"] for e in company.of_type("token.applied") if "starts_at" in e["data"]
    }
    seamless = [serial for serial in renewals if histories[serial].stages.active in ends]
    assert len(seamless) > 0.9 * len(renewals)


def test_moves_transfers_and_retractions_have_their_effect(
    company: Company, histories: dict[str, History]
) -> None:
    stations = [
        len({move.place.station for move in history.moves if move.place}) for history in histories.values()
    ]
    assert sum(count > 1 for count in stations) > 20
    assert sum(bool(history.ownership.later) for history in histories.values()) > 100
    retracted = {event["data"]["event_id"] for event in company.of_type("event.retracted")}
    assert retracted <= {event["id"] for event in company.events}
