"""What the list says of an order line: how much of it is named, shipped and missing."""

from projections.query.scope import Organizations
from tests import events
from tests.projections.lists.conftest import List, One, Record, Row


def ordered(*serials: str, quantity: int | None = 3, **order: object) -> events.Json:
    """One line of SO-1 for so many tokens, that names these."""
    return events.order(lines=[events.order_line(serials, quantity=quantity)], **order)  # type: ignore[arg-type]


def amounts(row: Row) -> tuple[object, ...]:
    return row["quantity"], row["named"], row["shipped"], row["missing"], row["state"]


async def test_a_line_that_is_ordered_and_not_shipped(record: Record, line: One) -> None:
    await record(ordered("T1"))
    assert await line() == {
        "sales_order": "SO-1",
        "line": "1",
        "part_number": "CPCLD-1",
        "cloud_plan": "Commercial",
        "description": "Commercial plan, prepaid",
        "term_years": 1,
        "token_type": "Prepaid",
        "org_id": "ORG-1",
        "org_name": "Organization 1",
        "purchase_order": "PO-1",
        "customer_reference": "Garage",
        "customer_name": "Customer 1",
        "customer_id": "C-1",
        "order_date": "2026-01-10",
        "quantity": 3,
        "named": 1,
        "shipped": 0,
        "missing": 2,
        "ship_date": None,
        "shipments": [],
        "state": "Not shipped",
        "order_line": "SO-1/1",
    }


async def test_a_line_of_which_some_serials_are_in_no_list_misses_serials(record: Record, line: One) -> None:
    await record(ordered("T1"), events.shipped(["T1", "T2"]))
    row = await line()
    assert amounts(row) == (3, 1, 2, 1, "Serials missing")
    assert (row["ship_date"], row["shipments"]) == ("2026-02-01", ["SH-1"])


async def test_a_shipment_without_serials_ships_a_line_whose_serials_are_missing(
    record: Record, line: One
) -> None:
    await record(ordered(), events.shipped([]))
    assert amounts(await line()) == (3, 0, 0, 3, "Serials missing")


async def test_a_line_of_which_every_serial_is_known_and_some_are_shipped(record: Record, line: One) -> None:
    await record(ordered("T1", "T2", "T3"), events.shipped(["T2"]))
    assert amounts(await line()) == (3, 3, 1, 0, "Partly shipped")


async def test_a_line_that_is_shipped_whole_in_several_shipments(record: Record, line: One) -> None:
    await record(
        ordered("T1"),
        events.shipped(["T1", "T2"], shipment="SH-2", ship_date="2026-02-09"),
        events.shipped(["T2", "T3"], shipment="SH-1"),
    )
    row = await line()
    assert amounts(row) == (3, 1, 3, 0, "Complete")
    assert (row["ship_date"], row["shipments"]) == ("2026-02-01", ["SH-1", "SH-2"])


async def test_a_line_that_does_not_say_how_many_is_complete_when_all_that_is_known_is_shipped(
    record: Record, line: One
) -> None:
    await record(ordered(quantity=None))
    assert amounts(await line()) == (None, 0, 0, None, "Not shipped")
    await record(events.shipped([]))
    assert amounts(await line()) == (None, 0, 0, None, "Serials missing")
    await record(events.shipped(["T1"], revision=1))
    assert amounts(await line()) == (None, 0, 1, None, "Complete")


async def test_more_than_ordered_misses_nothing(record: Record, line: One) -> None:
    await record(ordered(quantity=1), events.shipped(["T1", "T2"]))
    assert amounts(await line()) == (1, 0, 2, 0, "Complete")


async def test_a_cancelled_line_misses_nothing(record: Record, line: One) -> None:
    await record(
        ordered("T1"),
        events.order(
            lines=[events.order_line(["T1"], quantity=3, cancelled=True)], time="2026-01-11T17:00:00Z"
        ),
    )
    assert amounts(await line()) == (3, 1, 0, None, "Cancelled")


async def test_a_line_that_a_shipment_alone_names_lacks_its_order(record: Record, line: One) -> None:
    await record(events.shipped(["T1"]))
    row = await line()
    assert amounts(row) == (None, 0, 1, None, "Order missing")
    assert (row["sales_order"], row["line"], row["org_id"]) == ("SO-1", "1", None)
    await record(ordered(quantity=1))
    assert amounts(await line()) == (1, 0, 1, 0, "Complete")


async def test_the_last_revision_counts_whole_whichever_comes_first(record: Record, line: One) -> None:
    await record(ordered("T1", "T2", quantity=2, revision=2))
    await record(ordered("T1", revision=1))
    assert amounts(await line()) == (2, 2, 0, 0, "Not shipped")
    await record(ordered("T4", quantity=5, revision=3))
    assert amounts(await line()) == (5, 1, 0, 4, "Not shipped")


async def test_a_version_that_is_taken_back_leaves_the_one_before(record: Record, line: One) -> None:
    corrected = ordered("T4", quantity=5, revision=2)
    await record(ordered("T1", revision=1))
    await record(corrected)
    await record(events.retracted(corrected))
    assert amounts(await line()) == (3, 1, 0, 2, "Not shipped")


async def test_a_shipment_that_is_taken_back_leaves_the_version_before(record: Record, line: One) -> None:
    corrected = events.shipped(["T1"], revision=2)
    await record(ordered(), events.shipped(["T1", "T2"], revision=1))
    await record(corrected)
    assert amounts(await line()) == (3, 0, 1, 2, "Serials missing")
    await record(events.retracted(corrected))
    assert amounts(await line()) == (3, 0, 2, 1, "Serials missing")


async def test_a_shipment_that_leaves_a_line_out_now_says_nothing_of_it(record: Record, orders: List) -> None:
    await record(ordered(), events.shipped(["T1"], revision=1))
    other = events.shipped_line(["T1"], sales_order="SO-2")
    await record(events.shipped(lines=[other], revision=2))
    assert [amounts(row) for row in await orders()] == [
        (3, 0, 0, 3, "Not shipped"),
        (None, 0, 1, None, "Order missing"),
    ]


async def test_an_order_that_is_taken_back_leaves_the_line_to_its_shipment(
    record: Record, orders: List
) -> None:
    placed = ordered()
    sent = events.shipped(["T1"])
    await record(placed, sent)
    await record(events.retracted(placed))
    assert [amounts(row) for row in await orders()] == [(None, 0, 1, None, "Order missing")]
    await record(events.retracted(sent))
    assert await orders() == []


async def test_a_line_is_listed_from_its_order_date_or_the_time_of_the_order(
    record: Record, orders: List
) -> None:
    await record(ordered(order_date="2026-01-10", time="2026-01-10T09:00:00Z"))
    assert await orders("2026-01-10T07:59:59.999999Z") == []
    assert len(await orders("2026-01-10T08:00:00Z")) == 1
    await record(ordered(sales_order="SO-2", order_date="2027-01-10", time="2026-01-09T09:00:00Z"))
    assert [row["order_line"] for row in await orders("2026-01-09T09:00:00Z")] == ["SO-2/1"]


async def test_a_shipment_counts_from_its_date_on_and_its_serials_are_known_before(
    record: Record, line: One
) -> None:
    await record(ordered(quantity=2), events.shipped(["T1", "T2"], time="2026-01-20T17:00:00Z"))
    assert amounts(await line("2026-01-20T16:59:59Z")) == (2, 0, 0, 2, "Not shipped")
    announced = await line("2026-02-01T07:59:59Z")
    assert amounts(announced) == (2, 0, 0, 0, "Not shipped")
    assert (announced["shipments"], announced["ship_date"]) == (["SH-1"], None)
    assert amounts(await line("2026-02-01T08:00:00Z")) == (2, 0, 2, 0, "Complete")


async def test_no_two_lines_have_one_key(record: Record, orders: List) -> None:
    names = [("A/B", "C"), ("A", "B/C"), ("A\\", "C"), ("A\\/B", "C")]
    for sales_order, number in names:
        await record(
            events.order(lines=[events.order_line([], line=number)], sales_order=sales_order, id=None)
        )
    keys = {(row["sales_order"], row["line"]): row["order_line"] for row in await orders()}
    assert keys.keys() == set(names)
    assert len(set(keys.values())) == len(names)
    assert keys["A/B", "C"] == r"A\/B/C"


async def test_an_organization_sees_the_lines_that_were_ordered_for_it(record: Record, orders: List) -> None:
    await record(ordered(), ordered(sales_order="SO-9", org_id="ORG-9"), events.transferred(["T1"]))
    mine = await orders(scope=Organizations(frozenset({"ORG-9"})))
    assert [row["order_line"] for row in mine] == ["SO-9/1"]


async def test_lines_are_filtered_and_sorted_by_what_is_missing(record: Record, orders: List) -> None:
    await record(
        ordered(quantity=2**63 - 1),
        ordered("T1", sales_order="SO-2", quantity=1),
        ordered("T2", sales_order="SO-3", quantity=4),
    )
    by_missing = [row["missing"] for row in await orders(sort="-missing")]
    assert by_missing == [2**63 - 1, 3, 0]
    assert [row["order_line"] for row in await orders(filters=["missing:after:0"])] == ["SO-1/1", "SO-3/1"]
    assert len(await orders(filters=["state:is:not shipped"])) == 3
