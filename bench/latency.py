"""How long after its publication an event is seen in the report, at a rate that the worker could exceed."""

import asyncio
import statistics
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import orjson
from confluent_kafka import Producer
from rich.console import Console

from bench.broker import delete_topics
from bench.event_set import EventSet
from bench.filling import fill_all, template_of
from bench.lineup import Entry
from bench.rounds import DATABASE
from bench.run import running
from bench.servers import PARTITIONS, Servers, running_servers
from tokens.failure import Failure
from tokens.kafka_topics import admin_client, make_missing_topics, topic_names
from tokens.settings import Settings

_PREFIX = "bench-latency."
_WATCHED_A_SECOND = 100
_LOOK_SECONDS = 0.002
_PATIENCE_SECONDS = 60
_WARM_UP = 0.2
"""The share of the events, the first ones, that is not counted."""

Latencies = dict[tuple[str, int], list[float]]
"""Seconds, by the contender's name and the events a second."""


async def measure_latency(
    console: Console,
    results: Path,
    preloaded: EventSet,
    lineup: Sequence[Entry],
    *,
    rates: Sequence[int],
    seconds: int,
) -> Latencies:
    """Applications of random tokens of a table filled before, so many a second. Raises Failure where one is lost."""
    found: Latencies = {}
    await fill_all(console, results, lineup, preloaded)
    async with running_servers(results / "servers", preloaded) as servers:
        for rate in rates:
            for entry in lineup:
                template = template_of(entry, preloaded)
                async with servers.fresh_database(DATABASE, template=template) as database_url:
                    found[entry.name, rate] = await _one(entry, servers, database_url, results, rate, seconds)
    return found


def latency_table(found: Latencies) -> list[list[str]]:
    """Milliseconds, with a row of titles."""
    rows = [["", "events/s", "p50 ms", "p99 ms", "worst ms"]]
    for (name, rate), latencies in found.items():
        percentiles = statistics.quantiles(latencies, n=100)
        figures = (percentiles[49], percentiles[98], max(latencies))
        rows.append([name, f"{rate:,}", *(f"{each * 1000:,.0f}" for each in figures)])
    return rows


async def _one(
    entry: Entry, servers: Servers, database_url: str, results: Path, rate: int, seconds: int
) -> list[float]:
    settings = Settings(kafka=servers.kafka.bootstrap, topic_prefix=_PREFIX, partitions=PARTITIONS)
    admin = admin_client(servers.kafka.bootstrap)
    await asyncio.to_thread(make_missing_topics, settings, servers.kafka.bootstrap)
    contender = entry.enter(replace(servers, topic_prefix=_PREFIX), database_url)
    await contender.prepare()
    await servers.checkpoint()
    connection = await asyncpg.connect(database_url)
    try:
        wanted = await connection.fetch(
            f"select token_serial from {_relation(entry)} order by hashtext(token_serial) limit $1",
            rate * seconds,
        )
        serials = [serial for (serial,) in wanted]
        async with running(contender, connection, results):
            return await _publish(connection, settings, serials, rate, _relation(entry))
    finally:
        await connection.close()
        await asyncio.to_thread(delete_topics, admin, topic_names(settings))


def _relation(entry: Entry) -> str:
    return "service_tokens" if entry.name.startswith("ours") else "tokens"


async def _publish(
    connection: Any, settings: Settings, serials: Sequence[str], rate: int, relation: str
) -> list[float]:
    """Publish one application for each serial, at the rate; the seconds of those that were watched."""
    producer = Producer({"bootstrap.servers": str(settings.kafka), "linger.ms": 0})
    waiting: dict[str, float] = {}
    latencies: list[float] = []
    every = max(1, rate // _WATCHED_A_SECOND)
    counted_from = int(len(serials) * _WARM_UP)

    query = (
        f"select token_serial from {relation} "
        "where token_serial = any($1) and starts_with(station_serial, 'LATENCY')"
    )

    async def look() -> None:
        for (serial,) in await connection.fetch(query, list(waiting)) if waiting else ():
            latencies.append(time.monotonic() - waiting.pop(serial))

    started = time.monotonic()
    for number, serial in enumerate(serials):
        while (pause := started + number / rate - time.monotonic()) > 0:
            await look()
            await asyncio.sleep(min(_LOOK_SECONDS, max(0.0, pause)))
        if number % every == 0 and number >= counted_from:
            waiting[serial] = time.monotonic()
        producer.produce(settings.topic("applications"), _application(serial, number), serial.encode())
        producer.poll(0)
    producer.flush()
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while waiting:
        if time.monotonic() > deadline:
            raise Failure(f"{len(waiting)} events were not seen within {_PATIENCE_SECONDS} s")
        await look()
        await asyncio.sleep(_LOOK_SECONDS)
    return latencies


def _application(serial: str, number: int) -> bytes:
    now = datetime.now(UTC).isoformat()
    data = {"token_serial": serial, "station_serial": f"LATENCY{number:08}", "applied_at": now}
    event = {
        "specversion": "1.0",
        "id": f"latency-{number}",
        "source": "/bench/latency",
        "type": "servicetokens.token.applied.v1",
        "time": now,
        "datacontenttype": "application/json",
        "data": data,
    }
    return orjson.dumps(event)
