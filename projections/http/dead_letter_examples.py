"""The dead letters, and what can be done with them, that the OpenAPI document shows."""

from typing import Any

_LISTED: dict[str, Any] = {
    "dead_letter": 17,
    "rule": "not_date",
    "pointer": "/data/ship_date",
    "message": "not_date at /data/ship_date: write a date as YYYY-MM-DD",
    "source": "urn:example:erp",
    "id": "shipment-77-0",
    "topic": "shipments",
    "partition": 3,
    "offset": 512,
    "published_at": "2026-04-01T17:00:00Z",
    "recorded_at": "2026-04-01T17:00:00.412007Z",
    "value_bytes": 318,
    "requeued_from": None,
    "state": "open",
    "settled_at": None,
    "reason": None,
    "edited": False,
    "requeued_to": None,
}

LETTERS: dict[str, Any] = {"dead_letters": [_LISTED], "next": None}

LETTER: dict[str, Any] = {
    **_LISTED,
    "recorded": None,
    "failed_again_as": None,
    "key": {"text": "SH-77"},
    "headers": [{"name": "content-type", "value": {"text": "application/cloudevents+json"}}],
    "value": {"text": '{"specversion": "1.0", "id": "shipment-77-0", "data": {"ship_date": "soon"}}'},
}

REQUEUED: dict[str, Any] = {
    **LETTER,
    "state": "requeued",
    "settled_at": "2026-04-02T09:12:44.000120Z",
    "edited": True,
    "requeued_to": {"topic": "shipments", "partition": 3, "offset": 530},
}

DISCARDED: dict[str, Any] = {
    **LETTER,
    "state": "discarded",
    "settled_at": "2026-04-02T09:12:44.000120Z",
    "reason": "a test of the new ERP",
}

REASON: dict[str, Any] = {"reason": "a test of the new ERP"}
