"""Rule 7: who owns a token."""

import pytest

from tests.events import Json, activated, applied, order, retracted, shipped, shipped_line, transferred
from tests.lifecycle.judges import Row, RowsOf

LATER = "2026-12-31T00:00:00Z"
MARCH = "2026-03-15T16:00:00Z"
APRIL = "2026-04-15T16:00:00Z"
MAY = "2026-05-15T16:00:00Z"


def owner(row: Row) -> tuple[str | None, str | None]:
    return (row["org_id"], row["org_name"])


def passed(from_number: int, to_number: int, at: str, id: str | None = None) -> Json:  # noqa: A002
    """T1 transferred from one numbered organization to another."""
    return transferred(
        from_org=f"ORG-{from_number}",
        to_org=f"ORG-{to_number}",
        to_name=f"Organization {to_number}",
        at=at,
        id=id,
    )


def test_the_first_owner_is_the_lines_organization(rows_of: RowsOf) -> None:
    row = rows_of([order(org_id="ORG-7", org_name="Organization 7")], LATER)["T1"]
    assert owner(row) == ("ORG-7", "Organization 7")


def test_a_transfer_makes_its_receiver_the_owner_from_its_instant(rows_of: RowsOf) -> None:
    events = [order(), passed(1, 2, APRIL)]
    assert owner(rows_of(events, "2026-04-15T15:59:59.999999Z")["T1"]) == ("ORG-1", "Organization 1")
    assert owner(rows_of(events, APRIL)["T1"]) == ("ORG-2", "Organization 2")
    assert rows_of(events, LATER)["T1"]["anomalies"] == []


def test_a_transfer_counts_by_its_own_instant(rows_of: RowsOf) -> None:
    events = [
        order(),
        transferred(from_org="ORG-1", to_org="ORG-2", at=APRIL, time="2026-09-01T00:00:00Z"),
        transferred(from_org="ORG-2", to_org="ORG-3", at=MAY, time="2026-08-01T00:00:00Z"),
    ]
    owners = [rows_of(events, at)["T1"]["org_id"] for at in (APRIL, MAY)]
    assert owners == ["ORG-2", "ORG-3"]


def test_the_customer_never_changes_by_a_transfer(rows_of: RowsOf) -> None:
    row = rows_of([order(customer_id="C-1", customer_name="Customer 1"), passed(1, 2, APRIL)], LATER)["T1"]
    assert (row["customer_id"], row["customer_name"]) == ("C-1", "Customer 1")


def test_a_transfer_from_and_to_the_same_is_refused(rows_of: RowsOf) -> None:
    event = transferred(from_org="ORG-1", to_org="ORG-1", to_name="Another name", at=APRIL)
    row = rows_of([order(), event], LATER)["T1"]
    assert owner(row) == ("ORG-1", "Organization 1")
    assert row["anomalies"] == ["transfer_refused"]


def test_a_transfer_by_one_who_does_not_own_the_token_then_is_refused(rows_of: RowsOf) -> None:
    row = rows_of([order(), passed(2, 3, APRIL)], LATER)["T1"]
    assert owner(row) == ("ORG-1", "Organization 1")
    assert row["anomalies"] == ["transfer_refused"]


def test_a_refused_transfer_is_not_made_good_by_a_later_one(rows_of: RowsOf) -> None:
    row = rows_of([order(), passed(2, 3, APRIL), passed(1, 2, MAY)], LATER)["T1"]
    assert owner(row) == ("ORG-2", "Organization 2")
    assert row["anomalies"] == ["transfer_refused"]


def test_transfers_follow_each_other_and_may_lead_back(rows_of: RowsOf) -> None:
    events = [order(), passed(3, 1, MAY), passed(1, 2, MARCH), passed(2, 3, APRIL)]
    owners = [rows_of(events, at)["T1"]["org_id"] for at in (MARCH, APRIL, MAY)]
    assert owners == ["ORG-2", "ORG-3", "ORG-1"]
    assert rows_of(events, LATER)["T1"]["anomalies"] == []


def test_at_equal_instants_source_and_id_decide(rows_of: RowsOf) -> None:
    race = [passed(1, 3, APRIL, id="e9"), passed(1, 2, APRIL, id="e10")]
    row = rows_of([order(), *race], LATER)["T1"]
    assert (row["org_id"], row["anomalies"]) == ("ORG-2", ["transfer_refused"])
    chain = [passed(2, 3, APRIL, id="2"), passed(1, 2, APRIL, id="1")]
    row = rows_of([order(), *chain], APRIL)["T1"]
    assert (row["org_id"], row["anomalies"]) == ("ORG-3", [])


def test_the_source_goes_before_the_id(rows_of: RowsOf) -> None:
    race = [
        transferred(to_org="ORG-2", at=APRIL, source="urn:test:a", id="1"),
        transferred(to_org="ORG-3", at=APRIL, source="urn:test:B", id="2"),
    ]
    assert rows_of([order(), *race], LATER)["T1"]["org_id"] == "ORG-3"


@pytest.mark.parametrize(
    ("at", "status"),
    [
        ("2026-01-15T00:00:00Z", "New"),
        ("2026-02-15T00:00:00Z", "Available"),
        ("2026-04-15T00:00:00Z", "Active"),
        ("2027-04-15T00:00:00Z", "Expired"),
    ],
)
def test_ownership_passes_whatever_the_status_while_station_and_term_stay(
    rows_of: RowsOf, at: str, status: str
) -> None:
    without = [order(), shipped(), applied(station_name="Bay 1", evse_id="E1"), activated()]
    before = rows_of(without, at)["T1"]
    after = rows_of([*without, passed(1, 2, at)], at)["T1"]
    assert before["status"] == status
    assert after == before | {"org_id": "ORG-2", "org_name": "Organization 2"}


def test_a_late_transfer_re_decides_the_later_ones(rows_of: RowsOf) -> None:
    chain = [order(), passed(1, 2, APRIL), passed(2, 3, MAY)]
    assert rows_of(chain, LATER)["T1"]["org_id"] == "ORG-3"
    late = passed(1, 4, MARCH)
    row = rows_of([*chain, late], LATER)["T1"]
    assert (row["org_id"], row["anomalies"]) == ("ORG-4", ["transfer_refused"])


def test_a_retracted_transfer_re_decides_the_later_ones_too(rows_of: RowsOf) -> None:
    first = passed(1, 2, APRIL)
    row = rows_of([order(), first, passed(2, 3, MAY), retracted(first)], LATER)["T1"]
    assert (row["org_id"], row["anomalies"]) == ("ORG-1", ["transfer_refused"])


def test_a_corrected_order_re_decides_the_transfers(rows_of: RowsOf) -> None:
    corrected = order(org_id="ORG-5", org_name="Organization 5", revision=1)
    row = rows_of([order(), passed(1, 2, APRIL), corrected], LATER)["T1"]
    assert owner(row) == ("ORG-5", "Organization 5")
    assert row["anomalies"] == ["transfer_refused"]


def test_one_transfer_decides_for_each_of_its_tokens_apart(rows_of: RowsOf) -> None:
    events = [
        order(["T1"], sales_order="SO-1", org_id="ORG-1"),
        order(["T2"], sales_order="SO-2", org_id="ORG-9", org_name="Organization 9"),
        transferred(["T1", "T2"], from_org="ORG-1", to_org="ORG-2", at=APRIL),
    ]
    rows = rows_of(events, LATER)
    assert (rows["T1"]["org_id"], rows["T2"]["org_id"]) == ("ORG-2", "ORG-9")
    assert (rows["T1"]["anomalies"], rows["T2"]["anomalies"]) == ([], ["transfer_refused"])


def test_without_an_order_the_first_transfers_giver_is_the_first_owner(rows_of: RowsOf) -> None:
    events = [shipped(), passed(3, 4, MAY), passed(2, 3, APRIL)]
    assert owner(rows_of(events, "2026-03-01T00:00:00Z")["T1"]) == ("ORG-2", None)
    assert owner(rows_of(events, LATER)["T1"]) == ("ORG-4", "Organization 4")
    assert rows_of(events, LATER)["T1"]["anomalies"] == ["order_missing"]


def test_so_it_is_where_the_token_has_no_line_at_all(rows_of: RowsOf) -> None:
    events = [applied(at="2026-03-01T00:00:00Z"), passed(2, 3, APRIL)]
    assert owner(rows_of(events, "2026-03-02T00:00:00Z")["T1"]) == ("ORG-2", None)


def test_the_first_transfer_is_the_first_in_order_even_if_it_is_refused(rows_of: RowsOf) -> None:
    # The rule names the first transfer, not the first that has an effect.
    events = [shipped(), passed(2, 2, MARCH), passed(3, 4, APRIL)]
    row = rows_of(events, LATER)["T1"]
    assert owner(row) == ("ORG-2", None)
    assert row["anomalies"] == ["order_missing", "transfer_refused"]


def test_a_retracted_transfer_is_not_the_first(rows_of: RowsOf) -> None:
    mistake = passed(2, 3, MARCH)
    events = [shipped(), mistake, passed(4, 5, APRIL), retracted(mistake)]
    assert owner(rows_of(events, "2026-04-01T00:00:00Z")["T1"]) == ("ORG-4", None)


def test_an_order_that_does_not_list_the_token_gives_the_owner_of_its_line(rows_of: RowsOf) -> None:
    assert owner(rows_of([order([]), shipped(), passed(2, 3, APRIL)], LATER)["T1"]) == (
        "ORG-1",
        "Organization 1",
    )


def test_of_two_lines_the_tokens_own_gives_the_owner(rows_of: RowsOf) -> None:
    under_unknown = shipped(lines=[shipped_line(sales_order="SO-9")], time="2026-05-01T00:00:00Z")
    assert rows_of([order(), under_unknown, passed(2, 3, APRIL)], LATER)["T1"]["org_id"] == "ORG-1"


def test_without_order_and_transfer_nobody_is_known_to_own_it(rows_of: RowsOf) -> None:
    assert owner(rows_of([applied()], LATER)["T1"]) == (None, None)


def test_names_are_as_the_fact_that_gave_the_id_says_them(rows_of: RowsOf) -> None:
    events = [
        order(org_name="Organization 1"),
        transferred(from_org="ORG-1", to_org="ORG-2", to_name="Organization Two", at=MARCH),
        transferred(from_org="ORG-2", to_org="ORG-1", to_name="Organization 1 (renamed)", at=APRIL),
    ]
    assert owner(rows_of(events, "2026-03-01T00:00:00Z")["T1"]) == ("ORG-1", "Organization 1")
    assert owner(rows_of(events, MARCH)["T1"]) == ("ORG-2", "Organization Two")
    assert owner(rows_of(events, LATER)["T1"]) == ("ORG-1", "Organization 1 (renamed)")
