"""Quix Streams with the Postgres sink that comes with it; run by a Python of its own.

    python bench/contenders/quix_sink.py BOOTSTRAP TOPIC_PREFIX GROUP DATABASE_URL

The sink writes whole rows, whose columns are those of a batch's first one: so each kind of event has a table of its
own, an absent text is empty, and a view joins the tables.
"""

import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from quixstreams import Application  # type: ignore[import-not-found]
from quixstreams.sinks.community.postgresql import PostgreSQLSink  # type: ignore[import-not-found]

TOPICS = ("orders", "shipments", "applications", "activations", "transfers", "retractions")
HEADER = ("sales_order", "purchase_order", "customer_reference", "customer_id", "customer_name")
OWNER = ("org_id", "org_name")
PLAN = ("part_number", "cloud_plan", "description", "term_years", "token_type")
PLACE = ("station_serial", "station_name", "evse_id", "applied_at")
COMMIT_MESSAGES, COMMIT_SECONDS = 20_000, 1.0

said = False


def rows(event: dict[str, Any]) -> list[dict[str, Any]]:
    """One for each token that an event names, or for its station."""
    global said
    if not said:
        said = True
        sys.stdout.write("consuming\n")
        sys.stdout.flush()
    return list(_rows(event["type"], event["data"]))


def _rows(kind: str, data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    match kind.removeprefix("servicetokens."):
        case "order.placed.v1":
            header = {name: data.get(name) or "" for name in (*HEADER, *OWNER, "order_date")}
            for line in data["lines"]:
                columns = header | {name: line.get(name) or "" for name in PLAN}
                for serial in line["token_serials"]:
                    yield {"token_serial": serial} | columns
        case "order.shipped.v1":
            for line in data["lines"]:
                for serial in line["token_serials"]:
                    yield {
                        "token_serial": serial,
                        "sales_order": line["sales_order"],
                        "ship_date": data["ship_date"],
                    }
        case "token.returned.v1":
            for serial in data["token_serials"]:
                yield {"token_serial": serial, "returned_at": data["returned_at"]}
        case "token.applied.v1":
            yield {"token_serial": data["token_serial"]} | {name: data.get(name) or "" for name in PLACE}
        case "token.unapplied.v1":
            yield {"token_serial": data["token_serial"]} | dict.fromkeys(PLACE, "")
        case "station.activated.v1":
            yield {"station": data["station_serial"], "activated_at": data["activated_at"]}
        case "token.transferred.v1":
            for serial in data["token_serials"]:
                yield {"token_serial": serial, "org_id": data["to_org_id"], "org_name": data["to_org_name"]}


def table(item: Any) -> str:
    """Where a row belongs, by its last column."""
    tables = {
        "token_type": "orders",
        "ship_date": "shipments",
        "returned_at": "returns",
        "applied_at": "applications",
        "activated_at": "activations",
        "org_name": "transfers",
    }
    return tables[next(reversed(item.value))]


def primary_key(item: Any) -> str:
    """The first column."""
    return str(next(iter(item.value)))


def main(bootstrap: str, topic_prefix: str, group: str, database_url: str) -> None:
    address = urlsplit(database_url)
    sink = PostgreSQLSink(
        host=str(address.hostname),
        port=int(address.port or 5432),
        dbname=address.path[1:],
        user=str(address.username),
        password=str(address.password),
        table_name=table,
        primary_key_columns=primary_key,
        upsert_on_primary_key=True,
        include_metadata=False,
        schema_auto_update=False,
    )
    app = Application(
        broker_address=bootstrap,
        consumer_group=group,
        auto_offset_reset="earliest",
        commit_every=COMMIT_MESSAGES,
        commit_interval=COMMIT_SECONDS,
        auto_create_topics=False,
        loglevel="WARNING",
    )
    for name in TOPICS:
        topic = app.topic(topic_prefix + name, value_deserializer="json")
        app.dataframe(topic).apply(rows, expand=True).sink(sink)
    app.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
