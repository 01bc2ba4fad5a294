"""What is kept beside subjects for the lists of stations and of order lines, made anew: for `tokens rebuild`.

A thousand subjects a transaction, under the locks that the recorder takes; only what differs is written.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any

from lifecycle.subjects import line_key
from lifecycle.workspace import SubjectKeys, Workspace
from projections.orders.rows import OrderLineRow, ShipmentLineRow
from projections.recorder import locks, order_lines, subjects

SUBJECTS_A_CHUNK = 1_000

Redo = Callable[[Any, list[str]], Awaitable[None]]


async def rebuild_subjects(connection: Any) -> None:
    """Bring order lines, shipments and the starts of stations to what was recorded of them."""
    of_kind: dict[int, Redo] = {
        subjects.LINE: _lines,
        subjects.SHIPMENT: _shipments,
        subjects.STATION: _stations,
    }
    for kind, redo in of_kind.items():
        after = ""
        while keys := await _next(connection, kind, after):
            async with connection.transaction():
                await locks.take(connection, locks.SUBJECTS, keys)
                await redo(connection, keys)
            after = keys[-1]


async def _lines(connection: Any, keys: list[str]) -> None:
    workspace = await _loaded(connection, SubjectKeys(set(keys), set(), set()))
    rows = await order_lines.line_rows(connection, workspace.lines.values())
    stored = await connection.fetch(
        f"select {', '.join(OrderLineRow._fields)} from order_lines where order_line = any($1::text[])",
        [row.order_line for row in rows],
    )
    as_stored = {row[0]: tuple(row) for row in stored}
    await order_lines.write_lines(connection, [row for row in rows if as_stored.get(row.order_line) != row])


async def _shipments(connection: Any, keys: list[str]) -> None:
    workspace = await _loaded(connection, SubjectKeys(set(), set(keys), set()))
    rows: dict[str, list[ShipmentLineRow]] = defaultdict(list)
    for row in await order_lines.shipment_rows(connection, workspace.shipments.values()):
        rows[row.shipment].append(row)
    stored: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for each in await connection.fetch(
        f"select {', '.join(ShipmentLineRow._fields)} from shipment_lines where shipment = any($1::text[])",
        keys,
    ):
        stored[each[0]].append(tuple(each))
    differing = [key for key in keys if sorted(stored[key]) != rows[key]]
    await order_lines.write_shipments(connection, differing, [row for key in differing for row in rows[key]])
    named = {line_key(row.sales_order, row.line) for of_shipment in rows.values() for row in of_shipment}
    await order_lines.add_bare_lines(connection, named)


async def _stations(connection: Any, keys: list[str]) -> None:
    workspace = await _loaded(connection, SubjectKeys(set(), set(), set(keys)))
    starts = {key: subjects.started_at(station) for key, station in workspace.stations.items()}
    await connection.execute(
        """
        update subjects set started_at = batch.started_at
        from unnest($1::text[], $2::timestamptz[]) as batch (key, started_at)
        where kind = $3 and subjects.key = batch.key and subjects.started_at is distinct from batch.started_at
        """,
        list(starts),
        list(starts.values()),
        subjects.STATION,
    )


async def _loaded(connection: Any, keys: SubjectKeys) -> Workspace:
    workspace = Workspace()
    await subjects.load(connection, workspace, keys, with_serials=False)
    return workspace


async def _next(connection: Any, kind: int, after: str) -> list[str]:
    rows = await connection.fetch(
        "select key from subjects where kind = $1 and key > $2 order by key limit $3",
        kind,
        after,
        SUBJECTS_A_CHUNK,
    )
    return [row[0] for row in rows]
