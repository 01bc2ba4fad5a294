"""The one declaration of the columns, against the contract."""

import pytest

from lifecycle.anomalies import ANOMALIES
from projections.columns import COLUMNS, STANDARD_COLUMNS, zone_title
from tests.projections.read.stored import KEYS

TITLES = (
    "Token S/N · Part No. · Cloud Plan · Description · Term (Years) · Token Type · Org ID · Org Name · "
    "EVSE ID · Station S/N · Station Name · Activation Date (Pacific Time) · Applied Date (Pacific Time) · "
    "Expiration Date (Pacific Time) · Purchase Order · Sales Order · Customer Reference · Customer Name · "
    "Customer ID · Order Date · Ship Date · Status"
)


def test_the_22_columns_stand_in_their_order_with_their_titles() -> None:
    assert [column.key for column in STANDARD_COLUMNS] == KEYS
    assert len(STANDARD_COLUMNS) == 22
    assert [column.title_in("Pacific Time") for column in STANDARD_COLUMNS] == TITLES.split(" · ")


def test_beyond_the_22_are_the_anomalies_alone() -> None:
    assert [column.key for column in COLUMNS if not column.is_standard] == ["anomalies"]
    assert not any("," in name for name in ANOMALIES)


@pytest.mark.parametrize(
    ("zone", "title"),
    [
        ("America/Los_Angeles", "Pacific Time"),
        ("America/New_York", "Eastern Time"),
        ("Europe/Berlin", "Central European Time"),
        ("UTC", "Coordinated Universal Time"),
        ("Etc/GMT+5", "Etc/GMT+5"),
        ("Antarctica/Troll", "Antarctica/Troll"),
        ("Nowhere/At_All", "Nowhere/At_All"),
    ],
)
def test_titles_name_the_zone(zone: str, title: str) -> None:
    assert zone_title(zone) == title
    assert STANDARD_COLUMNS[11].title_in(title) == f"Activation Date ({title})"


def test_before_and_after_are_for_dates_and_numbers_alone() -> None:
    ranged = [column.key for column in COLUMNS if "before" in column.type.operators]
    assert ranged == [
        "term_years",
        "activation_date",
        "applied_date",
        "expiration_date",
        "order_date",
        "ship_date",
    ]
    assert all("after" in column.type.operators for column in COLUMNS if column.key in ranged)
