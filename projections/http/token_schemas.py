"""What the calls about one token answer, for the OpenAPI document."""

from typing import Any

from lifecycle.explanation.standing import State
from lifecycle.stages import Status
from projections.http.openapi import ROW_REFERENCE
from projections.http.token_examples import EXPLANATION, HISTORY

SERIAL_PARAMETER: dict[str, Any] = {
    "name": "serial",
    "in": "path",
    "required": True,
    "description": "The exact serial, percent-encoded, `/` as `%2F`.",
    "schema": {"type": "string", "minLength": 1},
    "example": "ST-000001",
}

_TEXT: dict[str, Any] = {"type": "string"}
_INSTANT: dict[str, Any] = {"type": "string", "format": "date-time"}
_NUMBER: dict[str, Any] = {"type": "integer"}


def _object(properties: dict[str, Any], *optional: str, **more: Any) -> dict[str, Any]:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "required": required, "properties": properties, **more}


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


_ORIGIN: dict[str, Any] = {
    "source": _TEXT,
    "id": _TEXT,
    "type": _TEXT,
    "time": _INSTANT,
    "recorded_at": _INSTANT,
    "topic": _TEXT,
    "partition": _NUMBER,
    "offset": _NUMBER,
}
_RETRACTION = _object({**_ORIGIN, "reason": _TEXT})
_BECAUSE: dict[str, Any] = {
    "sentence": _TEXT,
    "facts": {"type": "array", "items": _NUMBER, "description": "Numbers of `facts`; the first decided."},
}
_STATUS: dict[str, Any] = {"type": ["string", "null"], "enum": [*map(str, Status), None]}

EXPLANATION_SCHEMA = _object(
    {
        "token_serial": _TEXT,
        "as_of": _INSTANT,
        "row": _or_null(ROW_REFERENCE),
        "status": _object(
            {
                "status": _STATUS,
                "since": _or_null(_INSTANT),
                **_BECAUSE,
                "next": _object({"status": _STATUS, "at": _or_null(_INSTANT), "sentence": _TEXT}),
            }
        ),
        "cells": {"type": "object", "additionalProperties": _object(_BECAUSE)},
        "anomalies": {"type": "object", "additionalProperties": _object(_BECAUSE)},
        "refused_transfers": _list(_object({"reason": _TEXT, "sentence": _TEXT, "fact": _NUMBER})),
        "corrections": _list(_object({"replaced": _NUMBER, "replaced_by": _NUMBER, "sentence": _TEXT})),
        "corrections_left_out": _NUMBER,
        "retractions": _list(_object({"fact": _NUMBER, "retracted_by": _RETRACTION})),
        "facts": _list(_object({"number": _NUMBER, "says": _TEXT, **_ORIGIN})),
        "history": _TEXT,
    },
    additionalProperties=False,
    example=EXPLANATION,
)

HISTORY_SCHEMA = _object(
    {
        "token_serial": _TEXT,
        "facts": _list(
            _object(
                {
                    **_ORIGIN,
                    "data": {"type": "object", "description": "Without what concerns other service tokens."},
                    "says": _list(
                        _object(
                            {
                                "about": _TEXT,
                                "state": {"type": "string", "enum": [str(state) for state in State]},
                                "sentence": _TEXT,
                                "by": _object({"source": _TEXT, "id": _TEXT, "says": _TEXT}),
                                "reason": _TEXT,
                            },
                            "by",
                            "reason",
                        )
                    ),
                    "retracted_by": _RETRACTION,
                },
                "retracted_by",
            )
        ),
        "next": _or_null(_TEXT),
    },
    additionalProperties=False,
    example=HISTORY,
)
