"""Single events to random tokens of a table that is full: what comes when a backlog is long gone."""

import hashlib
import json
import random
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from bench.event_set import EventSet

_MIX = ("applied",) * 4 + ("activated",) * 3 + ("unapplied",) * 2 + ("transferred",)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def steady_set(folder: Path, preloaded: EventSet, messages: int) -> EventSet:
    """So many events, one a second from the end of the preloaded ones on; made once, kept in `folder`."""
    name = f"steady-{preloaded.digest[:8]}-{messages}"
    path, facts = folder / f"{name}.ndjson", folder / f"{name}.json"
    until = preloaded.until + messages * 1_000_000
    if not facts.exists():
        digest = hashlib.blake2b(digest_size=16)
        with path.open("wb") as file:
            for event in _events(preloaded, messages):
                line = orjson.dumps(event) + b"\n"
                file.write(line)
                digest.update(line)
        facts.write_text(json.dumps(digest.hexdigest()) + "\n")  # last: where it lies, the events are whole
    return EventSet(path, messages, preloaded.tokens, until, json.loads(facts.read_text()))


def _events(preloaded: EventSet, messages: int) -> Iterator[dict[str, Any]]:
    dice = random.Random(preloaded.digest)
    owners, stations = _state(preloaded.lines())
    serials = sorted(owners)
    for number in range(messages):
        at = (_EPOCH + timedelta(microseconds=preloaded.until, seconds=number)).isoformat()
        serial = dice.choice(serials)
        kind = dice.choice(_MIX)
        station = stations.get(serial)
        if station is None and kind in ("activated", "unapplied"):
            kind = "applied"
        subject = f"token.{kind}"
        match kind:
            case "applied":
                stations[serial] = f"CSBENCH{number:09}"
                data: dict[str, Any] = {
                    "token_serial": serial,
                    "station_serial": stations[serial],
                    "station_name": f"Bay {number % 500}",
                    "evse_id": f"US*BEN*E{number:09}*1",
                    "applied_at": at,
                }
            case "unapplied":
                data = {"token_serial": serial, "station_serial": stations.pop(serial), "unapplied_at": at}
            case "activated":
                subject = "station.activated"
                data = {"station_serial": station, "activated_at": at}
            case _:
                to = f"ORGBENCH{dice.randrange(1_000):04}"
                data = {"token_serials": [serial], "from_org_id": owners[serial], "to_org_id": to}
                data |= {"to_org_name": f"Charging {to}", "transferred_at": at}
                owners[serial] = to
        yield {
            "specversion": "1.0",
            "id": f"steady-{number}",
            "source": "/bench/steady",
            "type": f"servicetokens.{subject}.v1",
            "time": at,
            "datacontenttype": "application/json",
            "data": data,
        }


def _state(lines: Iterable[bytes]) -> tuple[dict[str, str], dict[str, str]]:
    """The owner of each token, and the station of those that are on one, roughly: last write wins."""
    owners: dict[str, str] = {}
    stations: dict[str, str] = {}
    for line in lines:
        event = orjson.loads(line)
        data = event["data"]
        match event["type"].removeprefix("servicetokens."):
            case "order.placed.v1":
                for each in data["lines"]:
                    owners.update(dict.fromkeys(each["token_serials"], data["org_id"]))
            case "token.transferred.v1":
                owners.update(dict.fromkeys(data["token_serials"], data["to_org_id"]))
            case "token.applied.v1":
                stations[data["token_serial"]] = data["station_serial"]
            case "token.unapplied.v1":
                stations.pop(data["token_serial"], None)
    # A shipment may be all that names a token: it has no owner yet, and a transfer would say who had it.
    return owners, {serial: station for serial, station in stations.items() if serial in owners}
