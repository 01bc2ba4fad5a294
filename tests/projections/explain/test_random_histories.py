"""Random histories through the real recorder: rows, origins and histories are what was recorded.

`RANDOM_HISTORIES` says how many (150 by default; here a tenth of them), `RANDOM_SEED` which is the first (1).
"""

import os
import random

import asyncpg
import pytest

from projections.columns import COLUMNS
from projections.explain.history import HistoryRequest, read_history
from projections.explain.token import cited_facts, explain_token
from projections.explain.unknown import UnknownToken
from projections.query.scope import AllOrganizations
from projections.recorder import PostgresRecorder
from tests.events import EVENT_RETRACTED, ORDER_PLACED, ORDER_SHIPPED, Json
from tests.lifecycle.explaining import evidence_of
from tests.projections.recorder import stored
from tests.projections.recorder.log import Log, spread
from tests.reference.histories import random_history, shuffled
from tests.reference.instants import instant

FIRST_SEED = int(os.environ.get("RANDOM_SEED", "1"))
SEEDS = range(FIRST_SEED, FIRST_SEED + max(int(os.environ.get("RANDOM_HISTORIES", "150")) // 10, 1))
MOMENTS = [instant(text) for text in ("2024-02-29T08:00:00Z", "2024-11-03T09:00:00Z", "2026-06-01T00:00:00Z")]


def about(serial: str, history: list[Json]) -> set[tuple[str, str]]:
    """The events that say something of a token, found naively: all that name it, then all that name its subjects."""
    lines, shipments, stations = set(), set(), set()
    for event in history:
        data = event["data"]
        for line in data.get("lines", ()):
            if serial in line["token_serials"]:
                lines.add((line.get("sales_order", data.get("sales_order")), line["line"]))
                if event["type"] == ORDER_SHIPPED:
                    shipments.add(data["shipment"])
    taken_back = {
        (event["data"]["event_source"], event["data"]["event_id"])
        for event in history
        if event["type"] == EVENT_RETRACTED
    }
    for event in history:
        data = event["data"]
        is_own = data.get("token_serial") == serial and (event["source"], event["id"]) not in taken_back
        if is_own and "applied_at" in data:
            stations.add(data["station_serial"])
    found = set()
    for event in history:
        data = event["data"]
        own = serial in data.get("token_serials", ()) or data.get("token_serial") == serial
        ordered = event["type"] == ORDER_PLACED and any(
            (data["sales_order"], line["line"]) in lines for line in data["lines"]
        )
        shipped = event["type"] == ORDER_SHIPPED and data["shipment"] in shipments
        activated = "activated_at" in data and data["station_serial"] in stations
        if own or ordered or shipped or activated:
            found.add((event["source"], event["id"]))
    return found


@pytest.mark.parametrize("seed", SEEDS)
async def test_explanations_and_histories_are_of_what_was_recorded(
    seed: int, recorder: PostgresRecorder, log: Log, reader: asyncpg.Connection
) -> None:
    history = random_history(seed)
    batches = spread(log, shuffled(history, seed), random.Random(seed), 0, 5)
    origins: dict[tuple[str, str], set[tuple[str, int, int]]] = {}
    for batch in batches:
        await recorder.record(batch)
        for received in batch.received:
            message, event = received.message, received.parsed
            assert event.source is not None
            assert event.id is not None
            place = (message.topic, message.partition, message.offset)
            origins.setdefault((event.source, event.id), set()).add(place)
    reports = await stored.reports(reader, MOMENTS)
    known = evidence_of(history)
    everyone = AllOrganizations()
    for serial in sorted({serial for event in history for serial in serials_of(event)}):
        expected = about(serial, history)
        page = await read_history(reader, HistoryRequest(serial, everyone, MOMENTS[-1], 1_000))
        facts: list[Json] = page["facts"]  # type: ignore[assignment]
        assert {(fact["source"], fact["id"]) for fact in facts} == expected, f"seed {seed}: {serial}"
        assert len(facts) == len(expected)
        for fact in facts:
            is_retracted = any(said["state"] == "retracted" for said in fact["says"])
            assert is_retracted == ("retracted_by" in fact), f"seed {seed}: {fact}"
            assert (fact["topic"], fact["partition"], fact["offset"]) in origins[fact["source"], fact["id"]]
        for moment in MOMENTS:
            if serial not in known or not known[serial].history.is_reported:
                with pytest.raises(UnknownToken) as refused:
                    await explain_token(reader, serial, moment, everyone)
                assert refused.value.is_in_journal
                continue
            token = await explain_token(reader, serial, moment, everyone)
            row = reports.get(moment, {}).get(serial)
            assert token.explanation.row == row, f"seed {seed}: {serial}"
            assert row is None or list(row) == [column.key for column in COLUMNS]
            for cited in cited_facts(token):
                recorded = token.recorded[cited.source, cited.id]
                message = recorded.message
                place = (message.topic, message.partition, message.offset)
                assert place in origins[cited.source, cited.id]


def serials_of(event: Json) -> set[str]:
    data = event["data"]
    named = {
        *data.get("token_serials", ()),
        *(line for each in data.get("lines", ()) for line in each["token_serials"]),
    }
    return named | ({data["token_serial"]} if data.get("token_serial") else set())
