"""Order lines, shipments and stations: to and from their rows."""

from collections.abc import Iterable, Sequence
from typing import Any

from lifecycle.facts import (
    StationFacts,
    pack,
    unpack_order_versions,
    unpack_shipment_versions,
    unpack_station,
)
from lifecycle.subjects import Line, Shipment, Station
from lifecycle.workspace import SubjectKeys, Workspace
from projections.recorder import copying

LINE, SHIPMENT, STATION = 1, 2, 3
_COLUMNS = ("kind", "key", "facts", "serials", "started_at")
_ROW = copying.SMALLINT + copying.TEXT + copying.BYTES * 2 + copying.INSTANT


async def load(connection: Any, workspace: Workspace, keys: SubjectKeys, with_serials: bool) -> None:
    """Read subjects that the workspace lacks. Without their serials they are only fit to be looked at."""
    lines = [key for key in keys.lines if key not in workspace.lines]
    shipments = [key for key in keys.shipments if key not in workspace.shipments]
    stations = [key for key in keys.stations if key not in workspace.stations]
    put(workspace, await rows(connection, (lines, shipments, stations), with_serials))


async def rows(
    connection: Any, keys: tuple[Sequence[str], Sequence[str], Sequence[str]], with_serials: bool
) -> list[Any]:
    """What is stored of these lines, shipments and stations: kind, key, facts, serials (or null) a row."""
    if not any(keys):
        return []
    column = "serials" if with_serials else "null"
    # Of a list of keys, Postgres reads each page of the index once; joined with one, it would go down for each key.
    found: list[Any] = await connection.fetch(
        " union all ".join(
            f"select {kind}, key, facts, {column} from subjects where kind = {kind} and key = any(${kind}::text[])"
            for kind in (LINE, SHIPMENT, STATION)
        ),
        *keys,
    )
    return found


def put(workspace: Workspace, rows: Iterable[Any]) -> None:
    """Take rows into a workspace."""
    for kind, key, facts, serials in rows:
        if kind == LINE:
            workspace.lines[key] = Line(key, unpack_order_versions(facts), serials, is_stored=True)
        elif kind == SHIPMENT:
            workspace.shipments[key] = Shipment(key, unpack_shipment_versions(facts), serials, is_stored=True)
        else:
            workspace.stations[key] = Station(key, unpack_station(facts).first, serials, is_stored=True)


async def save(connection: Any, made: bytes | None, changed: tuple[Sequence[Any], ...] | None) -> None:
    """Write subjects: rows that are made, and the columns of those that changed. The caller holds their locks, so that
    none can have come meanwhile."""
    await copying.copy(connection, "subjects", _COLUMNS, made)
    if changed is not None:
        await connection.execute(
            """
            update subjects set facts = batch.facts, serials = batch.serials, started_at = batch.started_at
            from unnest($1::smallint[], $2::text[], $3::bytea[], $4::bytea[], $5::timestamptz[])
                as batch (kind, key, facts, serials, started_at)
            where subjects.kind = batch.kind and subjects.key = batch.key
            """,
            *changed,
        )


def changed_rows(workspace: Workspace) -> tuple[bytes | None, tuple[list[Any], ...] | None]:
    """The rows of a workspace's subjects that are made, and the columns of those that changed."""
    made: list[tuple[Any, ...]] = []
    changed: list[tuple[Any, ...]] = []
    for kind, key, subject in _changed(workspace):
        row = (kind, key, _facts(subject), subject.pack_serials(), started_at(subject))
        (changed if subject.is_stored else made).append(row)
    columns = tuple(map(list, zip(*sorted(changed), strict=True))) if changed else None
    return copying.packed(sorted(made), _ROW), columns


def started_at(subject: Line | Shipment | Station) -> int | None:
    """When a station first reported an activation (microseconds)."""
    first = subject.first if isinstance(subject, Station) else None
    return None if first is None else first.activated_at


def _changed(workspace: Workspace) -> Iterable[tuple[int, str, Line | Shipment | Station]]:
    for line in workspace.lines.values():
        if line.is_changed:
            yield LINE, line.key, line
    for shipment in workspace.shipments.values():
        if shipment.is_changed:
            yield SHIPMENT, shipment.key, shipment
    for station in workspace.stations.values():
        if station.is_changed:
            yield STATION, station.key, station


def _facts(subject: Line | Shipment | Station) -> bytes:
    if isinstance(subject, Station):
        return pack(StationFacts([] if subject.first is None else [subject.first]))
    return pack(subject.versions)
