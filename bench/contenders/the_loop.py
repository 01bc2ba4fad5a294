"""The loop that an engineer writes in a day: a batch from Kafka, one upsert, last write wins, no history.

    python -m bench.contenders.the_loop BOOTSTRAP TOPIC_PREFIX GROUP DATABASE_URL

Fast for what it is: large fetches, orjson, uvloop, one statement a batch for what names tokens and one for
what names stations. What it gets wrong: an event that comes late overwrites what is newer; an activation that
comes before the application is lost; serials that only the shipment names get no plan; a retraction is not
understood; two instances at once write over each other.
"""

import sys
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import orjson
import uvloop
from aiokafka import AIOKafkaConsumer

BATCH = 5_000
ZONE = ZoneInfo("America/Los_Angeles")
TOPICS = ("orders", "shipments", "applications", "activations", "transfers", "retractions")

SCHEMA = """
create table if not exists tokens (
    token_serial text primary key,
    part_number text, cloud_plan text, description text, term_years integer, token_type text,
    org_id text, org_name text, evse_id text, station_serial text, station_name text,
    applied_date date, purchase_order text, sales_order text, customer_reference text, customer_name text,
    customer_id text, order_date date, ship_date date, returned_date date, activation_date date,
    expiration_date date generated always as ((activation_date + make_interval(years => term_years))::date)
);
create index if not exists tokens_station on tokens (station_serial);
"""
COLUMNS = {
    "part_number": "text",
    "cloud_plan": "text",
    "description": "text",
    "term_years": "integer",
    "token_type": "text",
    "org_id": "text",
    "org_name": "text",
    "evse_id": "text",
    "station_serial": "text",
    "station_name": "text",
    "applied_date": "date",
    "purchase_order": "text",
    "sales_order": "text",
    "customer_reference": "text",
    "customer_name": "text",
    "customer_id": "text",
    "order_date": "date",
    "ship_date": "date",
    "returned_date": "date",
}
ARRAYS = ", ".join(f"${n}::{kind}[]" for n, kind in enumerate(("text", *COLUMNS.values()), 1))
UPSERT = f"""
insert into tokens (token_serial, {", ".join(COLUMNS)})
select * from unnest({ARRAYS})
on conflict (token_serial) do update set
{", ".join(f"{column} = coalesce(excluded.{column}, tokens.{column})" for column in COLUMNS)}
"""
ACTIVATE = """
update tokens set activation_date = batch.activation_date
from unnest($1::text[], $2::date[]) as batch (station_serial, activation_date)
where tokens.station_serial = batch.station_serial and tokens.activation_date is null
"""
UNAPPLY = """
update tokens set evse_id = null, station_serial = null, station_name = null, applied_date = null
where token_serial = any($1)
"""


class Changes:
    """What a batch says, merged: columns of tokens, tokens taken off, the first boot of each station."""

    def __init__(self) -> None:
        self.tokens: dict[str, dict[str, Any]] = {}
        self.unapplied: set[str] = set()
        self.activated: dict[str, date] = {}

    def add(self, event: dict[str, Any]) -> None:
        data = event["data"]
        match event["type"]:
            case "servicetokens.station.activated.v1":
                if data["station_serial"] not in self.activated:
                    self.activated[data["station_serial"]] = local_date(data["activated_at"])
            case "servicetokens.token.applied.v1":
                self.unapplied.discard(data["token_serial"])
                token = self.token(data["token_serial"])
                token["station_serial"] = data["station_serial"]
                token["station_name"] = data.get("station_name")
                token["evse_id"] = data.get("evse_id")
                token["applied_date"] = local_date(data["applied_at"])
            case "servicetokens.token.unapplied.v1":
                self.unapplied.add(data["token_serial"])
                self.token(data["token_serial"]).pop("station_serial", None)
            case "servicetokens.order.placed.v1":
                self.order(data)
            case "servicetokens.order.shipped.v1":
                for line in data["lines"]:
                    for serial in line["token_serials"]:
                        token = self.token(serial)
                        token["sales_order"] = line["sales_order"]
                        token["ship_date"] = date.fromisoformat(data["ship_date"])
            case "servicetokens.token.transferred.v1":
                for serial in data["token_serials"]:
                    token = self.token(serial)
                    token["org_id"] = data["to_org_id"]
                    token["org_name"] = data["to_org_name"]
            case "servicetokens.token.returned.v1":
                for serial in data["token_serials"]:
                    self.token(serial)["returned_date"] = local_date(data["returned_at"])

    def order(self, data: dict[str, Any]) -> None:
        header = {
            "org_id": data["org_id"],
            "org_name": data["org_name"],
            "purchase_order": data.get("purchase_order"),
            "sales_order": data["sales_order"],
            "customer_reference": data.get("customer_reference"),
            "customer_name": data["customer_name"],
            "customer_id": data["customer_id"],
            "order_date": date.fromisoformat(data["order_date"]),
        }
        for line in data["lines"]:
            columns = header | {
                "part_number": line["part_number"],
                "cloud_plan": line["cloud_plan"],
                "description": line.get("description"),
                "term_years": line["term_years"],
                "token_type": line["token_type"],
            }
            for serial in line["token_serials"]:
                self.token(serial).update(columns)

    def token(self, serial: str) -> dict[str, Any]:
        token = self.tokens.get(serial)
        if token is None:
            token = self.tokens[serial] = {}
        return token

    async def store(self, connection: Any) -> None:
        async with connection.transaction():
            if self.tokens:
                rows = self.tokens.values()
                columns = [[row.get(column) for row in rows] for column in COLUMNS]
                await connection.execute(UPSERT, list(self.tokens), *columns)
            if self.unapplied:
                await connection.execute(UNAPPLY, list(self.unapplied))
            if self.activated:
                await connection.execute(ACTIVATE, list(self.activated), list(self.activated.values()))


def local_date(instant: str) -> date:
    return datetime.fromisoformat(instant).astimezone(ZONE).date()


async def consuming(bootstrap: str, topic_prefix: str, group: str) -> Any:
    """A consumer of all topics, about to fetch; says so to who looks on."""
    consumer = AIOKafkaConsumer(
        *(topic_prefix + topic for topic in TOPICS),
        bootstrap_servers=bootstrap,
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=2 * 1024 * 1024,
    )
    await consumer.start()
    sys.stdout.write("consuming\n")
    sys.stdout.flush()
    return consumer


async def run(bootstrap: str, topic_prefix: str, group: str, database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    consumer = await consuming(bootstrap, topic_prefix, group)
    while True:
        changes = Changes()
        for records in (await consumer.getmany(timeout_ms=500, max_records=BATCH)).values():
            for record in records:
                changes.add(orjson.loads(record.value))
        await changes.store(connection)
        await consumer.commit()


if __name__ == "__main__":
    uvloop.run(run(*sys.argv[1:]))
