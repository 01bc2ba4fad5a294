"""What the calls that write say of their bodies and answers in the OpenAPI document."""

from typing import Any

from projections.http.openapi import ROW_REFERENCE, json_response
from projections.writing.asked import MAX_APPLICATIONS, MAX_TRANSFERS
from projections.writing.gateway import BATCH_CONTENT_TYPE, MAX_EVENTS
from projections.writing.results import REASONS, WARNINGS
from schemas.golden import GOLDEN
from schemas.headers import STRUCTURED_CONTENT_TYPE
from schemas.text import IDENTIFIER_SCHEMA, INSTANT_SCHEMA, TEXT_MAX_LENGTH

_SERIAL: dict[str, Any] = {**IDENTIFIER_SCHEMA, "description": "A service token's serial."}
_NAME: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": TEXT_MAX_LENGTH}
_TEXT_OR_NULL: dict[str, Any] = {"type": ["string", "null"]}
_INSTANT_OR_NULL: dict[str, Any] = {"type": ["string", "null"], "format": "date-time"}
_ROW_OR_NULL: dict[str, Any] = {"anyOf": [ROW_REFERENCE, {"type": "null"}]}


def _said(schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {**schema, "description": description}


def _object(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": required,
        "additionalProperties": False,
        "properties": properties,
    }


_TO: dict[str, Any] = {
    "to_org_id": _said(IDENTIFIER_SCHEMA, "Who is to own it; with `to_org_name`."),
    "to_org_name": _said(_NAME, "That organization's name."),
    "from_org_id": _said(IDENTIFIER_SCHEMA, "Who owns it; where left out, whoever does at that instant."),
    "transferred_at": _said(INSTANT_SCHEMA, "When; where left out, now."),
}
_TRANSFER_ITEM = _object({"token_serial": _SERIAL, **_TO}, ["token_serial"])
TRANSFER_BODY: dict[str, Any] = {
    **_object(
        {
            "token_serials": {
                "type": "array",
                "minItems": 1,
                "maxItems": MAX_TRANSFERS,
                "items": _SERIAL,
                "description": "The tokens; or else `items`.",
            },
            "items": {
                "type": "array",
                "minItems": 1,
                "maxItems": MAX_TRANSFERS,
                "items": _TRANSFER_ITEM,
                "description": "The tokens, where they do not all go from one to another at one instant. What an "
                "item leaves out is as the body says it of all.",
            },
            **_TO,
        },
        [],
    ),
    "oneOf": [
        {"required": ["token_serials", "to_org_id", "to_org_name"]},
        {"required": ["items", "to_org_id", "to_org_name"]},
        {
            "required": ["items"],
            "not": {"required": ["to_org_id", "to_org_name"]},
            "properties": {"items": {"items": {"required": ["to_org_id", "to_org_name"]}}},
        },
    ],
}
TRANSFER_EXAMPLE: dict[str, Any] = {
    "token_serials": ["ST-000002", "ST-000003"],
    "to_org_id": "ORG-18",
    "to_org_name": "Bay Parking",
}

_APPLICATION_ITEM = _object(
    {
        "token_serial": _SERIAL,
        "station_serial": _said(IDENTIFIER_SCHEMA, "The station that it is put on."),
        "station_name": _said({"type": "string", "maxLength": TEXT_MAX_LENGTH}, "Its name."),
        "evse_id": _said(IDENTIFIER_SCHEMA, "One of its ports."),
        "applied_at": _said(INSTANT_SCHEMA, "When; where left out, now."),
        "starts_at": _said(INSTANT_SCHEMA, "The term starts no earlier."),
    },
    ["token_serial", "station_serial"],
)
APPLICATION_BODY = _object(
    {
        "items": {
            "type": "array",
            "minItems": 1,
            "maxItems": MAX_APPLICATIONS,
            "items": _APPLICATION_ITEM,
        }
    },
    ["items"],
)
APPLICATION_EXAMPLE: dict[str, Any] = {
    "items": [{"token_serial": "ST-000002", "station_serial": "CP-4473", "station_name": "Level 3, bay 2"}]
}


def _closed(words: dict[str, str]) -> str:
    return "; ".join(f"`{word}`: {said}" for word, said in words.items())


_ITEM: dict[str, Any] = {
    "token_serial": {"type": "string"},
    "outcome": {"type": "string", "enum": ["accepted", "refused"]},
    "reason": {
        "type": ["string", "null"],
        "enum": [*REASONS, None],
        "description": f"Why it is refused. {_closed(REASONS)}.",
    },
    "message": {"type": "string", "description": "What happens, or why not."},
    "warnings": {
        "type": "array",
        "items": _object(
            {
                "warning": {"type": "string", "enum": list(WARNINGS)},
                "message": {"type": "string"},
            },
            ["warning", "message"],
        ),
        "description": f"What one who writes may want to know. {_closed(WARNINGS)}.",
    },
    "event_id": _said(_TEXT_OR_NULL, "The event that says it; null where none does."),
}
_ROWS: dict[str, Any] = {
    "before": _said(_ROW_OR_NULL, "In a dry run: the token's row without it."),
    "after": _said(_ROW_OR_NULL, "In a dry run: the token's row with it."),
}
_TRANSFER_FIELDS: dict[str, Any] = {
    "from_org_id": _TEXT_OR_NULL,
    "from_org_name": _TEXT_OR_NULL,
    "to_org_id": {"type": "string"},
    "to_org_name": {"type": "string"},
    "transferred_at": {"type": "string", "format": "date-time"},
}
_APPLICATION_FIELDS: dict[str, Any] = {
    "station_serial": {"type": "string"},
    "station_name": _TEXT_OR_NULL,
    "evse_id": _TEXT_OR_NULL,
    "applied_at": {"type": "string", "format": "date-time"},
    "starts_at": _INSTANT_OR_NULL,
    "from_station_serial": _said(_TEXT_OR_NULL, "Where the token is until then."),
    "from_station_name": _TEXT_OR_NULL,
    "term_starts_at": _said(
        _INSTANT_OR_NULL, "When its term starts with it; null: nothing known starts it yet."
    ),
    "expiration_date": _said({"type": ["string", "null"], "format": "date"}, "The last day of that term."),
}

_EVENT = _object(
    {
        "source": {"type": "string"},
        "id": {"type": "string"},
        "type": {"type": "string"},
        "topic": {"type": "string", "description": "With its prefix."},
        "partition": {"type": "integer"},
        "offset": {"type": "integer"},
        "dead_letter": {
            "type": ["integer", "null"],
            "description": "The number of the dead letter that came of it; known once `shown` is true.",
        },
    },
    ["source", "id", "type", "topic", "partition", "offset", "dead_letter"],
)
_EVENTS: dict[str, Any] = {"type": "array", "items": _EVENT, "description": "What the broker has."}
_SHOWN: dict[str, Any] = {
    "type": ["boolean", "null"],
    "description": "Whether the report was seen to have all of it; null where nothing was published.",
}


def _results(own_fields: dict[str, Any]) -> dict[str, Any]:
    fields = {**_ITEM, **own_fields}
    return _object(
        {
            "dry_run": {"type": "boolean"},
            "accepted": {"type": "integer", "description": "How many items take effect."},
            "refused": {"type": "integer", "description": "How many do not; nothing is published of those."},
            "results": {
                "type": "array",
                "items": _object({**fields, **_ROWS}, list(fields)),
                "description": "One for each item, in their order.",
            },
            "events": _EVENTS,
            "shown": _SHOWN,
        },
        ["dry_run", "accepted", "refused", "results", "events", "shown"],
    )


TRANSFERS_ANSWER = _results(_TRANSFER_FIELDS)
APPLICATIONS_ANSWER = _results(_APPLICATION_FIELDS)
EVENTS_ANSWER = _object({"events": _EVENTS, "shown": _SHOWN}, ["events", "shown"])


def _example_event(type_: str, topic: str, source: str, event_id: str) -> dict[str, Any]:
    return {
        "source": source,
        "id": event_id,
        "type": type_,
        "topic": topic,
        "partition": 2,
        "offset": 1204,
        "dead_letter": None,
    }


_EVENT_ID = "9f1c2a7be0c84d7f8c5b6f0e4a1d3c52/1"
_API = "urn:servicetokens:api"
TRANSFERS_EXAMPLE: dict[str, Any] = {
    "dry_run": False,
    "accepted": 1,
    "refused": 1,
    "results": [
        {
            "token_serial": "ST-000002",
            "outcome": "accepted",
            "reason": None,
            "message": "goes from Harbor Garage (ORG-17) to Bay Parking (ORG-18) at 2026-06-01T09:00:00Z",
            "warnings": [],
            "event_id": _EVENT_ID,
            "from_org_id": "ORG-17",
            "from_org_name": "Harbor Garage",
            "to_org_id": "ORG-18",
            "to_org_name": "Bay Parking",
            "transferred_at": "2026-06-01T09:00:00Z",
        },
        {
            "token_serial": "ST-00003",
            "outcome": "refused",
            "reason": "unknown_token",
            "message": "no event that you may see names a service token ST-00003",
            "warnings": [],
            "event_id": None,
            "from_org_id": None,
            "from_org_name": None,
            "to_org_id": "ORG-18",
            "to_org_name": "Bay Parking",
            "transferred_at": "2026-06-01T09:00:00Z",
        },
    ],
    "events": [_example_event("servicetokens.token.transferred.v1", "transfers", _API, _EVENT_ID)],
    "shown": True,
}
APPLICATIONS_EXAMPLE: dict[str, Any] = {
    "dry_run": False,
    "accepted": 1,
    "refused": 0,
    "results": [
        {
            "token_serial": "ST-000002",
            "outcome": "accepted",
            "reason": None,
            "message": "goes on station CP-4473 at 2026-06-01T09:00:00Z; its term starts when the station reports "
            "that it is active",
            "warnings": [],
            "event_id": _EVENT_ID,
            "station_serial": "CP-4473",
            "station_name": "Level 3, bay 2",
            "evse_id": None,
            "applied_at": "2026-06-01T09:00:00Z",
            "starts_at": None,
            "from_station_serial": None,
            "from_station_name": None,
            "term_starts_at": None,
            "expiration_date": None,
        }
    ],
    "events": [_example_event("servicetokens.token.applied.v1", "applications", _API, _EVENT_ID)],
    "shown": False,
}
_ORDER = GOLDEN["servicetokens.order.placed.v1"]
EVENTS_EXAMPLE: dict[str, Any] = {
    "events": [_example_event(_ORDER["type"], "orders", _ORDER["source"], _ORDER["id"])],
    "shown": False,
}


def json_request(schema: dict[str, Any], example: dict[str, Any]) -> dict[str, Any]:
    """A body in JSON."""
    return {"required": True, "content": {"application/json": {"schema": schema, "example": example}}}


def answers(schema: dict[str, Any], example: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    """The two good answers of a call that writes."""
    return {
        200: json_response("The report shows all of it, or nothing was published.", schema, example),
        202: json_response("The broker has all of it; the report is yet to show it.", schema, example),
    }


def events_request() -> dict[str, Any]:
    """One event or many, in any of the three modes."""
    event = {"type": "object", "description": "A CloudEvent of a type of the contract, in structured mode."}
    data = _said({"type": "object"}, "An event in structured mode; with `ce-` headers, the data of one.")
    batch = {"type": "array", "minItems": 1, "maxItems": MAX_EVENTS, "items": event}
    return {
        "required": True,
        "content": {
            STRUCTURED_CONTENT_TYPE: {"schema": event, "example": _ORDER},
            BATCH_CONTENT_TYPE: {"schema": batch, "example": [_ORDER]},
            "application/json": {"schema": data, "example": _ORDER},
        },
    }
