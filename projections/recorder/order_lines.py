"""The rows of order lines and shipments from which the list of order lines is read: always the version in force.

How many were ordered, and which serials a version names, is no part of the facts packed beside a subject: no
token needs it. So a version that comes into force again, because a later one was taken back, is read back from the
journal. Every line that an order or a shipment ever named has a row, so that the list is read from one table.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from lifecycle.subjects import Line, Shipment
from projections.orders.rows import (
    OrderLineRow,
    ShipmentLineRow,
    bare_row,
    order_line_rows,
    shipment_line_rows,
)
from projections.recorder import copying, journal
from projections.recorder.draft import Draft


async def save(connection: Any, draft: Draft) -> None:
    """Write the lines and shipments of which another version is in force now. The caller holds their locks."""
    for event in (await journal.read_back_all(connection, draft.documents_to_read_back())).values():
        draft.read_back(event)
    lines, line_rows, shipments, shipment_rows, bare_lines = draft.documents()
    await _remove_lines(connection, lines)
    await copying.copy(connection, "order_lines", OrderLineRow._fields, line_rows)
    await _remove_shipments(connection, shipments)
    await copying.copy(connection, "shipment_lines", ShipmentLineRow._fields, shipment_rows)
    await add_bare_lines(connection, bare_lines)


async def line_rows(connection: Any, lines: Iterable[Line]) -> list[OrderLineRow]:
    """The row of each line, in order, from the journal."""
    in_force = {line.key: None if line.in_force is None else line.in_force.identity for line in lines}
    events = await journal.read_back_all(connection, filter(None, in_force.values()))
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


async def shipment_rows(connection: Any, shipments: Iterable[Shipment]) -> list[ShipmentLineRow]:
    """The rows of the shipments that have a version in force, in order, from the journal."""
    in_force = [each.in_force.identity for each in shipments if each.in_force is not None]
    events = await journal.read_back_all(connection, in_force)
    return sorted(row for identity in in_force for row in shipment_line_rows(events[identity]))


async def write_lines(connection: Any, rows: list[OrderLineRow]) -> None:
    """Put rows in the place of those of the same lines."""
    await _remove_lines(connection, [row.order_line for row in rows])
    await copying.copy(
        connection, "order_lines", OrderLineRow._fields, copying.packed(rows, copying.ORDER_LINE)
    )


async def write_shipments(connection: Any, replaced: list[str], rows: list[ShipmentLineRow]) -> None:
    """Store rows, after all those of the shipments `replaced` were taken away."""
    await _remove_shipments(connection, replaced)
    await copying.copy(
        connection, "shipment_lines", ShipmentLineRow._fields, copying.packed(rows, copying.SHIPMENT_LINE)
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


async def _remove_lines(connection: Any, lines: Sequence[str]) -> None:
    if lines:
        await connection.execute("delete from order_lines where order_line = any($1::text[])", lines)


async def _remove_shipments(connection: Any, shipments: Sequence[str]) -> None:
    if shipments:
        await connection.execute("delete from shipment_lines where shipment = any($1::text[])", shipments)


def _key(row: OrderLineRow) -> str:
    return row.order_line
