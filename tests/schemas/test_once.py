"""A serial and a line stand once in an event; `lines` is never empty; 10,000 serials at most."""

import pytest

from schemas.events import OrderPlaced
from tests.schemas.messages import golden, order, refused, shipment, taken

TEN_THOUSAND = [f"T{number}" for number in range(10_000)]
HALF = TEN_THOUSAND[:5_000]
OTHER_HALF = TEN_THOUSAND[5_000:]


@pytest.mark.parametrize("name", ["order.placed", "order.shipped"])
def test_lines_are_never_empty(name: str) -> None:
    assert refused(golden(name, lines=[])) == ("empty_list", "/data/lines")
    assert refused(golden(name, lines=None)) == ("missing", "/data/lines")
    assert refused(golden(name, lines={"1": {}})) == ("wrong_type", "/data/lines")
    assert refused(golden(name, lines=["1"])) == ("wrong_type", "/data/lines/0")
    assert refused(golden(name, lines=[None])) == ("missing", "/data/lines/0")


@pytest.mark.parametrize("name", ["token.returned", "token.transferred"])
def test_a_return_and_a_transfer_name_serials(name: str) -> None:
    assert refused(golden(name, token_serials=[])) == ("empty_list", "/data/token_serials")
    assert refused(golden(name, token_serials=None)) == ("missing", "/data/token_serials")
    assert refused(golden(name, token_serials="T1")) == ("wrong_type", "/data/token_serials")
    assert refused(golden(name, token_serials=["T1", 2])) == ("wrong_type", "/data/token_serials/1")
    assert refused(golden(name, token_serials=["T1", ""])) == ("missing", "/data/token_serials/1")
    assert refused(golden(name, token_serials=["T1\0"])) == ("nul", "/data/token_serials/0")
    assert refused(golden(name, token_serials=[" T1"])) == ("surrounding_blank", "/data/token_serials/0")


def test_a_line_may_name_no_serial() -> None:
    data = taken(order({"token_serials": []})).data
    assert isinstance(data, OrderPlaced)
    assert data.lines[0].token_serials == ()
    taken(shipment({"sales_order": "SO-1", "line": "1", "token_serials": []}))


@pytest.mark.parametrize("name", ["token.returned", "token.transferred"])
def test_a_serial_stands_once_in_a_list(name: str) -> None:
    repeated = golden(name, token_serials=["T1", "T2", "T3", "T2"])
    assert refused(repeated) == ("repeated_serial", "/data/token_serials/3")
    taken(golden(name, token_serials=["T1", "t1"]))


def test_a_serial_stands_once_in_an_order_whatever_the_line() -> None:
    within = order({"token_serials": ["T1", "T1"]})
    assert refused(within) == ("repeated_serial", "/data/lines/0/token_serials/1")
    across = order(
        {"token_serials": ["T1"]},
        {"line": "2", "token_serials": []},
        {"line": "3", "token_serials": ["T2", "T1"]},
    )
    assert refused(across) == ("repeated_serial", "/data/lines/2/token_serials/1")


def test_a_serial_stands_once_in_a_shipment_whatever_the_line() -> None:
    across = shipment(
        {"sales_order": "SO-1", "line": "1", "token_serials": ["T1"]},
        {"sales_order": "SO-2", "line": "1", "token_serials": ["T1"]},
    )
    assert refused(across) == ("repeated_serial", "/data/lines/1/token_serials/0")


def test_a_line_stands_once_in_an_order() -> None:
    repeated = order({"token_serials": []}, {"line": "2", "token_serials": []}, {"token_serials": []})
    assert refused(repeated) == ("repeated_line", "/data/lines/2/line")


def test_a_line_of_a_sales_order_stands_once_in_a_shipment() -> None:
    lines = [
        {"sales_order": "SO-1", "line": "1", "token_serials": []},
        {"sales_order": "SO-2", "line": "1", "token_serials": []},
        {"sales_order": "SO-1", "line": "2", "token_serials": []},
    ]
    taken(shipment(*lines))
    assert refused(shipment(*lines, lines[1])) == ("repeated_line", "/data/lines/3/line")


def test_an_event_names_at_most_10_000_serials() -> None:
    taken(golden("token.returned", token_serials=TEN_THOUSAND))
    taken(order({"token_serials": HALF}, {"line": "2", "token_serials": OTHER_HALF}))
    too_many = [
        (golden("token.returned", token_serials=[*TEN_THOUSAND, "one more"]), "/data/token_serials"),
        (order({"token_serials": [*TEN_THOUSAND, "one more"]}), "/data/lines/0/token_serials"),
        (order({"token_serials": TEN_THOUSAND}, {"line": "2", "token_serials": ["one more"]}), "/data/lines"),
        (
            shipment(
                {"sales_order": "SO-1", "line": "1", "token_serials": HALF},
                {"sales_order": "SO-1", "line": "2", "token_serials": [*OTHER_HALF, "one more"]},
            ),
            "/data/lines",
        ),
    ]
    for event, pointer in too_many:
        assert refused(event) == ("too_many_serials", pointer)
