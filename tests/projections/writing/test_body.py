"""Bodies of requests: what they may hold, and every wrong place of those that do not, by rule and pointer."""

from typing import Any

import pytest

from projections.writing.asked import (
    MAX_APPLICATIONS,
    MAX_TRANSFERS,
    ApplicationItem,
    TransferItem,
    read_applications,
    read_transfers,
)
from projections.writing.body import BODY_RULES, ERRORS_SHOWN, WrongBody, parse_body
from tests.reference.instants import instant

TO = {"to_org_id": "ORG-2", "to_org_name": "Two"}
ONE = {"token_serials": ["T1"], **TO}


def wrong(read: Any, document: Any) -> list[tuple[str, str]]:
    with pytest.raises(WrongBody) as raised:
        read(document)
    for error in raised.value.errors:
        assert error.message.startswith(
            f"{error.rule} at {error.pointer or 'the body'}: {BODY_RULES[error.rule]}"
        )
    return [(error.rule, error.pointer) for error in raised.value.errors]


def test_serials_that_all_go_to_one() -> None:
    assert read_transfers({"token_serials": ["T1", "T2", "T1"], **TO}) == [
        TransferItem("T1", "ORG-2", "Two"),
        TransferItem("T2", "ORG-2", "Two"),
        TransferItem("T1", "ORG-2", "Two"),
    ]
    at = "2026-05-01T16:00:00Z"
    [item] = read_transfers({**ONE, "from_org_id": "ORG-1", "transferred_at": at})
    assert item == TransferItem("T1", "ORG-2", "Two", "ORG-1", instant(at))


def test_an_item_says_what_is_different() -> None:
    at, other = "2026-05-01T16:00:00Z", "2026-05-02T16:00:00Z"
    document = {
        "from_org_id": "ORG-1",
        "transferred_at": at,
        **TO,
        "items": [
            {"token_serial": "T1"},
            {"token_serial": "T2", "to_org_id": "ORG-3", "to_org_name": "Three", "from_org_id": "ORG-4"},
            {"token_serial": "T3", "transferred_at": other, "from_org_id": ""},
        ],
    }
    assert read_transfers(document) == [
        TransferItem("T1", "ORG-2", "Two", "ORG-1", instant(at)),
        TransferItem("T2", "ORG-3", "Three", "ORG-4", instant(at)),
        TransferItem("T3", "ORG-2", "Two", "ORG-1", instant(other)),
    ]


def test_absence_is_null_or_empty_too() -> None:
    document = {**ONE, "items": None, "from_org_id": "", "transferred_at": None}
    assert read_transfers(document) == [TransferItem("T1", "ORG-2", "Two")]
    item = {"token_serial": "T1", "station_serial": "S1", "station_name": "", "evse_id": None}
    assert read_applications({"items": [item]}) == [ApplicationItem("T1", "S1")]


@pytest.mark.parametrize(
    ("document", "errors"),
    [
        ({}, [("missing", "/token_serials")]),
        (TO, [("missing", "/token_serials")]),
        ({**TO, "token_serials": []}, [("empty_list", "/token_serials")]),
        ({**TO, "items": []}, [("empty_list", "/items")]),
        ({**ONE, "items": [{"token_serial": "T1"}]}, [("one_of_two", "/items")]),
        ({**TO, "token_serials": "T1"}, [("wrong_type", "/token_serials")]),
        ({**TO, "token_serials": ["T1", 2]}, [("wrong_type", "/token_serials/1")]),
        ({**TO, "items": ["T1"]}, [("wrong_type", "/items/0")]),
        ({**TO, "token_serials": [" T1"]}, [("surrounding_blank", "/token_serials/0")]),
        ({**TO, "token_serials": ["x" * 129]}, [("too_long", "/token_serials/0")]),
        ({**TO, "token_serials": ["a\u0007b"]}, [("control_character", "/token_serials/0")]),
        ({"token_serials": ["T1"]}, [("missing", "/to_org_id"), ("missing", "/to_org_name")]),
        ({**ONE, "to_org_name": "  "}, [("missing", "/to_org_name")]),
        ({**ONE, "to_org_name": "x" * 501}, [("too_long", "/to_org_name")]),
        ({**ONE, "transferred_at": "2026-05-01"}, [("not_instant", "/transferred_at")]),
        ({**ONE, "transferred_at": "2026-05-01T16:00:00"}, [("naive_instant", "/transferred_at")]),
        ({**ONE, "transferred_at": "1999-05-01T16:00:00Z"}, [("out_of_range", "/transferred_at")]),
        ({**ONE, "to": "x", "a/b": 1}, [("unknown_field", "/to"), ("unknown_field", "/a~1b")]),
        ({**TO, "items": [{"token_serial": "T1", "serial": 1}]}, [("unknown_field", "/items/0/serial")]),
        # A name never goes with the id of another organization.
        (
            {**TO, "items": [{"token_serial": "T1", "to_org_id": "ORG-3"}]},
            [("missing", "/items/0/to_org_name")],
        ),
        (
            {**TO, "items": [{"token_serial": "T1", "to_org_name": "Three"}]},
            [("missing", "/items/0/to_org_id")],
        ),
    ],
)
def test_what_is_wrong_with_a_transfer(document: Any, errors: list[tuple[str, str]]) -> None:
    assert wrong(read_transfers, document) == errors


@pytest.mark.parametrize(
    ("document", "errors"),
    [
        ({}, [("missing", "/items")]),
        ({"items": None}, [("missing", "/items")]),
        ({"items": []}, [("empty_list", "/items")]),
        (
            {"items": [{}]},
            [("missing", "/items/0/token_serial"), ("missing", "/items/0/station_serial")],
        ),
        (
            {"items": [{"token_serial": "T1", "station_serial": "S1", "applied_at": "x", "starts_at": 1}]},
            [("not_instant", "/items/0/applied_at"), ("wrong_type", "/items/0/starts_at")],
        ),
        (
            {"items": [{"token_serial": "T1", "station_serial": "S1", "evse": "x"}], "x": 1},
            [("unknown_field", "/items/0/evse"), ("unknown_field", "/x")],
        ),
    ],
)
def test_what_is_wrong_with_an_application(document: Any, errors: list[tuple[str, str]]) -> None:
    assert wrong(read_applications, document) == errors


def test_no_more_items_than_can_be_worked_on() -> None:
    assert len(read_transfers({**TO, "token_serials": ["T1"] * MAX_TRANSFERS})) == MAX_TRANSFERS
    too_many: dict[str, Any] = {**TO, "token_serials": ["T1"] * (MAX_TRANSFERS + 1)}
    assert wrong(read_transfers, too_many) == [("too_many_items", "/token_serials")]
    items: list[Any] = [{}] * (MAX_APPLICATIONS + 1)
    assert wrong(read_applications, {"items": items}) == [("too_many_items", "/items")]
    assert wrong(read_transfers, {**TO, "items": [{}] * (MAX_TRANSFERS + 1)}) == [
        ("too_many_items", "/items")
    ]


def test_not_every_error_of_thousands_is_said() -> None:
    assert len(wrong(read_transfers, {**TO, "token_serials": [" "] * 1000})) == ERRORS_SHOWN


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", ("not_json", "")),
        (b"{", ("not_json", "")),
        (b"\xff", ("not_json", "")),
        (b"null", ("missing", "")),
        (b"[]", ("wrong_type", "")),
        (b'{"to_org_name": "a\\u0000"}', ("nul", "/to_org_name")),
    ],
)
def test_a_body_that_is_no_object(body: bytes, error: tuple[str, str]) -> None:
    assert wrong(parse_body, body) == [error]
