"""What a table must say: where last write wins is one thing, and where it hangs on chance."""

from typing import Any

import orjson

from bench.expected import ANY, ExpectedRows, Sample
from bench.last_writes import LAST_WRITE_COLUMNS, last_writes

EVERY = Sample()


def message(kind: str, **data: Any) -> bytes:
    return orjson.dumps({"type": f"servicetokens.{kind}.v1", "data": data})


def order(number: str, org: str, *serials: str) -> bytes:
    line = {
        "part_number": "P",
        "cloud_plan": "C",
        "term_years": 1,
        "token_type": "T",
        "token_serials": serials,
    }
    names = ("customer_id", "customer_name", "org_name")
    return message(
        "order.placed",
        sales_order=number,
        org_id=org,
        order_date="2026-01-01",
        lines=[line],
        **dict.fromkeys(names, "N"),
    )


def cell(rows: ExpectedRows, serial: str, column: str) -> object:
    return rows.cells[serial][LAST_WRITE_COLUMNS.index(column)]


def test_the_last_of_one_key_wins() -> None:
    rows = last_writes([order("1", "A", "x"), order("1", "B", "x")], EVERY)
    assert cell(rows, "x", "org_id") == "B"
    assert cell(rows, "x", "term_years") == "1"


def test_what_two_topics_write_differently_is_not_judged() -> None:
    transfer = message("token.transferred", token_serials=["x"], to_org_id="B", to_org_name="N")
    rows = last_writes([order("1", "A", "x"), transfer], EVERY)
    assert cell(rows, "x", "org_id") is ANY
    assert cell(rows, "x", "org_name") == "N"


def test_an_absence_after_a_value_hangs_on_batches() -> None:
    first = message("token.applied", token_serial="x", station_serial="s", station_name="Bay")
    second = message("token.applied", token_serial="x", station_serial="t")
    rows = last_writes([first, second], EVERY)
    assert cell(rows, "x", "station_serial") == "t"
    assert cell(rows, "x", "station_name") is ANY


def test_an_unapplication_empties() -> None:
    applied = message("token.applied", token_serial="x", station_serial="s")
    rows = last_writes([applied, message("token.unapplied", token_serial="x")], EVERY)
    assert cell(rows, "x", "station_serial") is None


def test_a_hash_passes_over_what_nothing_determines_and_over_nothing_else() -> None:
    rows = ExpectedRows(("a", "b"), {"x": ("1", ANY)}, EVERY)
    assert rows.hash_of([("x", "1", "whatever")]) == rows.hash
    assert rows.hash_of([("x", "2", "whatever")]) != rows.hash
    assert rows.first_difference([("x", "2", "whatever")]) == "a of x is 2, expected 1"
    assert rows.hash_of([]) != rows.hash
