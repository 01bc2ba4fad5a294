"""The rows of the list of order lines: what is stored, beside the versions in force by the journal."""

from collections.abc import Iterable
from typing import Any

from projections.orders.rows import OrderLineRow, ShipmentLineRow, bare_row
from projections.verify.differences import ABSENT, Differences, Instant
from projections.verify.partition import Part, SubjectsOfPart

ROWS_AT_ONCE = 2_000
_LINE_KEY = "sales_order || chr(31) || line"
"""`lifecycle.subjects.line_key` in SQL."""


async def compare_order_rows(connection: Any, subjects: SubjectsOfPart, differences: Differences) -> None:
    """Compare the rows of a part's order lines and shipments, both ways."""
    part, workspace = subjects.part, subjects.workspace
    lines: list[OrderLineRow] = []
    for key, line in workspace.lines.items():
        if part.holds(key):
            in_force = line.in_force
            lines.append(bare_row(key) if in_force is None else subjects.order_lines[key][in_force.identity])
    await _compare(
        _stored(connection, "order_lines", OrderLineRow._fields, _LINE_KEY, part),
        {f"order line {row.order_line}, listed": row for row in lines},
        lambda row: f"order line {row[0]}, listed",
        OrderLineRow._fields,
        differences,
    )
    deliveries: list[ShipmentLineRow] = []
    for key, versions in subjects.shipment_lines.items():
        shipment = workspace.shipments[key].in_force
        if shipment is not None:
            deliveries.extend(versions[shipment.identity])
    await _compare(
        _stored(connection, "shipment_lines", ShipmentLineRow._fields, "shipment", part),
        {_delivery(row): row for row in deliveries},
        _delivery,
        ShipmentLineRow._fields,
        differences,
    )


async def note_lines_without_row(connection: Any, differences: Differences) -> None:
    """Lines that a shipment lists have a row all the same, where no order names them."""
    async for (line,) in connection.cursor(
        """
        select distinct order_line from shipment_lines
        where not exists (select from order_lines where order_lines.order_line = shipment_lines.order_line)
        """
    ):
        differences.note(f"order line {line}, listed", "row", ABSENT, "a shipment names it")


def _delivery(row: Any) -> str:
    return f"shipment {row[0]}, listed for order line {row[1]}"


def _stored(connection: Any, table: str, columns: Iterable[str], key: str, part: Part) -> Any:
    return connection.cursor(
        f"select {', '.join(columns)} from {table} where {Part.condition(key)}",
        part.of,
        part.number,
        prefetch=ROWS_AT_ONCE,
    )


async def _compare(
    stored_rows: Any, derived: dict[str, Any], named: Any, columns: tuple[str, ...], differences: Differences
) -> None:
    async for stored in stored_rows:
        thing = named(stored)
        row = derived.pop(thing, None)
        if row is None:
            differences.note(thing, "row", "stored", ABSENT)
            continue
        for column, ours, theirs in zip(columns, stored, row, strict=True):
            if ours != theirs:
                pair = (
                    Instant(each) if column.endswith("_at") and each is not None else each
                    for each in (ours, theirs)
                )
                differences.note(thing, column, *pair)
    for thing, row in derived.items():
        if row.identity is not None:
            differences.note(thing, "row", ABSENT, "in the journal")
