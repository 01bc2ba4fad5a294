"""What last write wins comes to, wherever it comes to one thing."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import orjson

from bench.expected import ANY, ExpectedRows, Sample

LAST_WRITE_COLUMNS = (
    "part_number",
    "cloud_plan",
    "description",
    "term_years",
    "token_type",
    "org_id",
    "org_name",
    "evse_id",
    "station_serial",
    "station_name",
    "purchase_order",
    "sales_order",
    "customer_reference",
    "customer_name",
    "customer_id",
    "order_date",
    "ship_date",
)
"""What one topic alone decides for most tokens. Dates of activation hang on two topics, and are not judged."""
_PLACE = ("evse_id", "station_serial", "station_name")


class _Writer(NamedTuple):
    """Messages that stay in their order: one key in one topic."""

    topic: str
    key: str


def last_writes(lines: Iterable[bytes], sample: Sample) -> ExpectedRows:
    """What last write wins comes to, column by column, wherever that is one thing.

    One key's messages of a topic are in order, everything else is not. A later absence (null) over an earlier value
    hangs on whether both met in one batch.
    """
    written: dict[str, dict[_Writer, dict[str, object]]] = {}
    for line in lines:
        event = orjson.loads(line)
        for writer, serial, columns in _writes(event["type"], event["data"]):
            if serial not in sample:
                continue
            of_serial = written.setdefault(serial, {})
            before = of_serial.get(writer)
            of_serial[writer] = columns if before is None else _over(before, columns)
    cells = {serial: tuple(_settled(writers.values())) for serial, writers in written.items()}
    return ExpectedRows(LAST_WRITE_COLUMNS, cells, sample)


class _Emptied(NamedTuple):
    """Null by an un-application, which a batch may not have stored before the next application."""


def _over(before: Mapping[str, object], columns: Mapping[str, object]) -> dict[str, object]:
    after = dict(before)
    for column, value in columns.items():
        held = before.get(column)
        if value is None and held is not None:
            value = ANY
        elif isinstance(value, _Emptied) and held is None:
            value = None
        after[column] = value
    return after


def _settled(writers: Iterable[Mapping[str, object]]) -> Iterator[object]:
    kept = list(writers)
    for column in LAST_WRITE_COLUMNS:
        values = {each[column] for each in kept if column in each}
        value = values.pop() if values else None
        if values:
            value = ANY
        yield None if isinstance(value, _Emptied) else value if value in (None, ANY) else str(value)


def _writes(kind: str, data: Any) -> Iterator[tuple[_Writer, str, dict[str, object]]]:
    match kind.removeprefix("servicetokens."):
        case "order.placed.v1":
            writer = _Writer("orders", data["sales_order"])
            header = {
                name: data.get(name)
                for name in (
                    "org_id",
                    "org_name",
                    "purchase_order",
                    "sales_order",
                    "customer_reference",
                    "customer_name",
                    "customer_id",
                    "order_date",
                )
            }
            for line in data["lines"]:
                plan = ("part_number", "cloud_plan", "description", "term_years", "token_type")
                columns = header | {name: line.get(name) for name in plan}
                for serial in line["token_serials"]:
                    yield writer, serial, columns
        case "order.shipped.v1":
            writer = _Writer("shipments", data["shipment"])
            for line in data["lines"]:
                for serial in line["token_serials"]:
                    yield writer, serial, {"sales_order": line["sales_order"], "ship_date": data["ship_date"]}
        case "token.returned.v1":
            for serial in data["token_serials"]:
                yield _Writer("shipments", data["token_serials"][0]), serial, {}
        case "token.applied.v1":
            serial = data["token_serial"]
            yield _Writer("applications", serial), serial, {name: data.get(name) for name in _PLACE}
        case "token.unapplied.v1":
            serial = data["token_serial"]
            yield _Writer("applications", serial), serial, dict.fromkeys(_PLACE, _Emptied())
        case "token.transferred.v1":
            columns = {"org_id": data["to_org_id"], "org_name": data["to_org_name"]}
            for serial in data["token_serials"]:
                yield _Writer("transfers", data["token_serials"][0]), serial, dict(columns)
