"""The rows of order lines and shipments from which the list of order lines is read: always the version in force.

How many were ordered, and which serials a version names, is no part of the facts packed beside a subject: no
token needs it. So a version that comes into force again, because a later one was taken back, is read back from the
journal. Every line that an order or a shipment ever named has a row, so that the list is read from one table.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from lifecycle.subjects import Line, Shipment, line_key
from lifecycle.workspace import Workspace
from projections.orders.rows import (
    OrderLineRow,
    ShipmentLineRow,
    bare_row,
    order_line_rows,
    shipment_line_rows,
)
from projections.recorder import journal
from schemas.envelope import Event
from schemas.events import OrderShipped


async def save(connection: Any, workspace: Workspace, fresh: Mapping[bytes, Event]) -> None:
    """Write the lines and shipments of which another version is in force now. The caller holds their locks.

    `fresh` are the batch's own events, by identity.
    """
    lines = [line for line in workspace.lines.values() if line.is_replaced]
    shipments = [shipment for shipment in workspace.shipments.values() if shipment.is_replaced]
    await write_lines(connection, await line_rows(connection, lines, fresh))
    rows = await shipment_rows(connection, shipments, fresh)
    await write_shipments(connection, [each.key for each in shipments if each.in_force_before], rows)
    named = {
        line_key(line.sales_order, line.line)
        for event in fresh.values()
        if type(event.data) is OrderShipped
        for line in event.data.lines
    }
    await add_bare_lines(connection, [key for key in named if workspace.lines[key].in_force is None])


async def line_rows(
    connection: Any, lines: Iterable[Line], fresh: Mapping[bytes, Event]
) -> list[OrderLineRow]:
    """The row of each line, in order; events that are not in `fresh` are read from the journal."""
    in_force = {line.key: None if line.in_force is None else line.in_force.identity for line in lines}
    events = await _events(connection, filter(None, in_force.values()), fresh)
    of_order: dict[bytes, dict[str, OrderLineRow]] = {}
    rows = []
    for key, identity in in_force.items():
        if identity is None:
            rows.append(bare_row(key))
            continue
        if identity not in of_order:
            of_order[identity] = order_line_rows(events[identity])
        rows.append(of_order[identity][key])
    return sorted(rows, key=_key)


async def shipment_rows(
    connection: Any, shipments: Iterable[Shipment], fresh: Mapping[bytes, Event]
) -> list[ShipmentLineRow]:
    """The rows of the shipments that have a version in force, in order."""
    in_force = [each.in_force.identity for each in shipments if each.in_force is not None]
    events = await _events(connection, in_force, fresh)
    return sorted(row for identity in in_force for row in shipment_line_rows(events[identity]))


async def write_lines(connection: Any, rows: list[OrderLineRow]) -> None:
    """Put rows in the place of those of the same lines."""
    if rows:
        await connection.execute(
            "delete from order_lines where order_line = any($1::text[])", [row.order_line for row in rows]
        )
        await connection.copy_records_to_table("order_lines", records=rows, columns=OrderLineRow._fields)


async def write_shipments(connection: Any, replaced: list[str], rows: list[ShipmentLineRow]) -> None:
    """Store rows, after all those of the shipments `replaced` were taken away."""
    if replaced:
        await connection.execute("delete from shipment_lines where shipment = any($1::text[])", replaced)
    if rows:
        await connection.copy_records_to_table(
            "shipment_lines", records=rows, columns=ShipmentLineRow._fields
        )


async def add_bare_lines(connection: Any, keys: Iterable[str]) -> None:
    """Have a row for each of these lines, by the keys of their subjects; one that is there stays as it is."""
    rows = sorted(map(bare_row, keys), key=_key)
    if rows:
        await connection.execute(
            """
            insert into order_lines (order_line, sales_order, line)
            select * from unnest($1::text[], $2::text[], $3::text[]) on conflict do nothing
            """,
            [row.order_line for row in rows],
            [row.sales_order for row in rows],
            [row.line for row in rows],
        )


async def _events(
    connection: Any, identities: Iterable[bytes], fresh: Mapping[bytes, Event]
) -> Mapping[bytes, Event]:
    absent = {identity for identity in identities if identity not in fresh}
    return {**fresh, **await journal.read_back_all(connection, absent)} if absent else fresh


def _key(row: OrderLineRow) -> str:
    return row.order_line
