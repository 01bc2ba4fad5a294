"""The fastest loop that we know how to write: msgspec into structs, COPY into a temporary table, one merge.

    python -m bench.contenders.fastest_loop BOOTSTRAP TOPIC_PREFIX GROUP DATABASE_URL [journal]

With `journal`, the same transaction copies every message as it came, with its place, into a table of its own. It gets
wrong what the loop gets wrong, and it knows an event that came twice for two.
"""

import sys
from datetime import date
from typing import Any, TypeVar

import asyncpg
import msgspec
import uvloop

from bench.contenders.the_loop import ACTIVATE, COLUMNS, UNAPPLY, consuming, local_date
from bench.contenders.the_loop import SCHEMA as TABLE

BATCH = 10_000
SCHEMA = f"""{TABLE}
create table if not exists journal (
    topic text, partition integer, "offset" bigint, key bytea, message bytea, primary key (topic, partition, "offset")
);
"""
_STAGED = ("token_serial", *COLUMNS)
_STAGE = "create temporary table batch on commit delete rows as select {} from tokens limit 0".format(
    ", ".join(_STAGED)
)
_MERGE = f"""
insert into tokens ({", ".join(_STAGED)}) select * from batch
on conflict (token_serial) do update set
{", ".join(f"{column} = coalesce(excluded.{column}, tokens.{column})" for column in COLUMNS)}
"""
_NOTHING: tuple[None, ...] = (None,) * len(COLUMNS)
_AT = {column: number for number, column in enumerate(COLUMNS)}
_Data = TypeVar("_Data", bound=msgspec.Struct)


class Line(msgspec.Struct, gc=False):
    """Of an order or a shipment."""

    token_serials: list[str]
    sales_order: str | None = None
    part_number: str | None = None
    cloud_plan: str | None = None
    description: str | None = None
    term_years: int | None = None
    token_type: str | None = None


class Order(msgspec.Struct, gc=False):
    """`order.placed`"""

    sales_order: str
    customer_id: str
    customer_name: str
    org_id: str
    org_name: str
    order_date: date
    lines: list[Line]
    purchase_order: str | None = None
    customer_reference: str | None = None


class Shipment(msgspec.Struct, gc=False):
    """`order.shipped`"""

    ship_date: date
    lines: list[Line]


class Returned(msgspec.Struct, gc=False):
    """`token.returned`"""

    token_serials: list[str]
    returned_at: str


class Applied(msgspec.Struct, gc=False):
    """`token.applied`"""

    token_serial: str
    station_serial: str
    applied_at: str
    station_name: str | None = None
    evse_id: str | None = None


class Unapplied(msgspec.Struct, gc=False):
    """`token.unapplied`"""

    token_serial: str


class Activated(msgspec.Struct, gc=False):
    """`station.activated`"""

    station_serial: str
    activated_at: str


class Transferred(msgspec.Struct, gc=False):
    """`token.transferred`"""

    token_serials: list[str]
    to_org_id: str
    to_org_name: str


class Retracted(msgspec.Struct, gc=False):
    """`event.retracted`: not understood."""


class Event(msgspec.Struct, gc=False):
    """What of a CloudEvent is looked at before its type is known."""

    type: str
    data: msgspec.Raw


def _decoder(kind: type[_Data]) -> msgspec.json.Decoder[_Data]:
    return msgspec.json.Decoder(kind)


_EVENT = _decoder(Event)
_DECODERS: dict[str, Any] = {
    f"servicetokens.{name}.v1": _decoder(kind)
    for name, kind in {
        "order.placed": Order,
        "order.shipped": Shipment,
        "token.returned": Returned,
        "token.applied": Applied,
        "token.unapplied": Unapplied,
        "station.activated": Activated,
        "token.transferred": Transferred,
        "event.retracted": Retracted,
    }.items()
}


class Changes:
    """What a batch says, merged: the cells of tokens, tokens taken off, the first boot of each station."""

    def __init__(self) -> None:
        self.tokens: dict[str, list[Any]] = {}
        self.unapplied: set[str] = set()
        self.activated: dict[str, str] = {}

    def add(self, message: bytes) -> None:
        event = _EVENT.decode(message)
        data = _DECODERS[event.type].decode(event.data)
        kind = type(data)
        if kind is Activated:
            self.activated.setdefault(data.station_serial, data.activated_at)
        elif kind is Applied:
            self.unapplied.discard(data.token_serial)
            cells = self.cells(data.token_serial)
            cells[_AT["station_serial"]] = data.station_serial
            cells[_AT["station_name"]] = data.station_name
            cells[_AT["evse_id"]] = data.evse_id
            cells[_AT["applied_date"]] = local_date(data.applied_at)
        elif kind is Unapplied:
            self.unapplied.add(data.token_serial)
            self.cells(data.token_serial)
        elif kind is Order:
            self.order(data)
        elif kind is Shipment:
            for line in data.lines:
                for serial in line.token_serials:
                    cells = self.cells(serial)
                    cells[_AT["sales_order"]] = line.sales_order
                    cells[_AT["ship_date"]] = data.ship_date
        elif kind is Transferred:
            for serial in data.token_serials:
                cells = self.cells(serial)
                cells[_AT["org_id"]] = data.to_org_id
                cells[_AT["org_name"]] = data.to_org_name
        elif kind is Returned:
            for serial in data.token_serials:
                self.cells(serial)[_AT["returned_date"]] = local_date(data.returned_at)

    def order(self, data: Order) -> None:
        for line in data.lines:
            values = {name: getattr(line, name) for name in line.__struct_fields__ if name in _AT}
            values |= {name: getattr(data, name) for name in data.__struct_fields__ if name in _AT}
            whole = [values.get(column) for column in COLUMNS]
            places = [(_AT[column], value) for column, value in values.items()]
            for serial in line.token_serials:
                cells = self.tokens.get(serial)
                if cells is None:
                    self.tokens[serial] = whole.copy()
                else:
                    for place, value in places:
                        cells[place] = value

    def cells(self, serial: str) -> list[Any]:
        cells = self.tokens.get(serial)
        if cells is None:
            cells = self.tokens[serial] = list(_NOTHING)
        return cells

    async def store(self, connection: Any) -> None:
        if self.tokens:
            rows = [(serial, *cells) for serial, cells in self.tokens.items()]
            await connection.copy_records_to_table("batch", records=rows, columns=_STAGED)
            await connection.execute(_MERGE)
        if self.unapplied:
            await connection.execute(UNAPPLY, list(self.unapplied))
        if self.activated:
            dates = [local_date(instant) for instant in self.activated.values()]
            await connection.execute(ACTIVATE, list(self.activated), dates)


async def run(bootstrap: str, topic_prefix: str, group: str, database_url: str, *options: str) -> None:
    connection = await asyncpg.connect(database_url)
    await connection.execute(_STAGE)
    consumer = await consuming(bootstrap, topic_prefix, group)
    while True:
        changes = Changes()
        journal = []
        for place, records in (await consumer.getmany(timeout_ms=500, max_records=BATCH)).items():
            for record in records:
                changes.add(record.value)
            if "journal" in options:
                journal += [(*place, each.offset, each.key, each.value) for each in records]
        async with connection.transaction():
            if journal:
                await connection.copy_records_to_table("journal", records=journal)
            await changes.store(connection)
        await consumer.commit()


if __name__ == "__main__":
    uvloop.run(run(*sys.argv[1:]))
