"""The answers about one token that the OpenAPI document shows: a token that was ordered, applied and activated."""

from typing import Any

_ORDER: dict[str, Any] = {
    "source": "urn:example:erp",
    "id": "order-SO-1001-0",
    "type": "servicetokens.order.placed.v1",
    "time": "2026-01-10T17:00:00Z",
    "recorded_at": "2026-01-10T17:00:04.120412Z",
    "topic": "orders",
    "partition": 1,
    "offset": 77,
}
_APPLICATION: dict[str, Any] = {
    "source": "urn:example:portal",
    "id": "application-4711",
    "type": "servicetokens.token.applied.v1",
    "time": "2026-03-02T16:00:00Z",
    "recorded_at": "2026-03-02T16:00:01.000332Z",
    "topic": "applications",
    "partition": 2,
    "offset": 12,
}
_ACTIVATION: dict[str, Any] = {
    "source": "urn:example:head-end",
    "id": "boot-998-1",
    "type": "servicetokens.station.activated.v1",
    "time": "2026-03-02T17:00:00Z",
    "recorded_at": "2026-03-02T17:00:00.770010Z",
    "topic": "activations",
    "partition": 0,
    "offset": 9203,
}
_STARTED = (
    "The term started at 2026-03-02T17:00:00Z, the latest of these: it was applied to station CP-4471 at "
    "2026-03-02T16:00:00Z; the first activation ever of that station was at 2026-03-02T17:00:00Z."
)

EXPLANATION: dict[str, Any] = {
    "token_serial": "ST-000001",
    "as_of": "2026-06-01T00:00:00Z",
    "row": {
        "token_serial": "ST-000001",
        "cloud_plan": "Commercial",
        "term_years": 3,
        "evse_id": None,
        "station_serial": "CP-4471",
        "activation_date": "2026-03-02",
        "expiration_date": "2029-03-02",
        "status": "Active",
        "anomalies": [],
    },
    "status": {
        "status": "Active",
        "since": "2026-03-02T17:00:00Z",
        "sentence": _STARTED,
        "facts": [1, 2],
        "next": {
            "status": "Expired",
            "at": "2029-03-03T08:00:00Z",
            "sentence": "expires 2029-03-02, at the end of that day in America/Los_Angeles (2029-03-03T08:00:00Z)",
        },
    },
    "cells": {
        "station_serial": {
            "sentence": "It was applied to station CP-4471 at 2026-03-02T16:00:00Z and is there since.",
            "facts": [1],
        },
        "status": {"sentence": _STARTED, "facts": [1, 2]},
    },
    "anomalies": {},
    "refused_transfers": [],
    "corrections": [],
    "corrections_left_out": 0,
    "retractions": [],
    "facts": [
        {"number": 1, "says": "applied to station CP-4471 at 2026-03-02T16:00:00Z", **_APPLICATION},
        {"number": 2, "says": "station CP-4471 activated at 2026-03-02T17:00:00Z", **_ACTIVATION},
        {
            "number": 3,
            "says": "order of 2026-01-10: line 1 of SO-1001, revision 0 of 2026-01-10T17:00:00Z",
            **_ORDER,
        },
    ],
    "history": "/api/tokens/ST-000001/history",
}

HISTORY: dict[str, Any] = {
    "token_serial": "ST-000001",
    "facts": [
        {
            **_APPLICATION,
            "data": {
                "token_serial": "ST-000001",
                "station_serial": "CP-4471",
                "applied_at": "2026-03-02T16:00:00Z",
            },
            "says": [
                {
                    "about": "token ST-000001",
                    "state": "in_force",
                    "sentence": "It put the token on station CP-4471.",
                }
            ],
        }
    ],
    "next": None,
}
