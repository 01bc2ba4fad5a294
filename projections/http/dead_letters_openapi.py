"""What the calls for dead letters say of themselves in the OpenAPI document."""

from typing import Any

from projections.dead_letters.letter import LETTER_RULES, State
from projections.dead_letters.settling import REASON_MAX_LENGTH
from projections.http import dead_letter_examples as examples
from projections.http.openapi import PROBLEM_REFERENCE, json_response
from projections.http.problems import MEDIA_TYPE
from projections.query.parameters import Parameter
from schemas.golden import GOLDEN
from schemas.headers import STRUCTURED_CONTENT_TYPE

AGAIN = Parameter(
    "again",
    "Whether to publish it even where it was requeued or discarded before.",
    {"type": "boolean", "default": False},
    True,
)

_PLACE_PROPERTIES: dict[str, Any] = {
    "topic": {"type": "string", "description": "With its prefix."},
    "partition": {"type": "integer"},
    "offset": {"type": "integer"},
}
_INSTANT = {"type": "string", "format": "date-time"}


def _object_or_null(properties: dict[str, Any], description: str) -> dict[str, Any]:
    return {
        "type": ["object", "null"],
        "description": description,
        "required": list(properties),
        "additionalProperties": False,
        "properties": properties,
    }


_SUMMARY_PROPERTIES: dict[str, Any] = {
    "dead_letter": {"type": "integer", "description": "Its number."},
    "rule": {"type": "string", "enum": list(LETTER_RULES)},
    "pointer": {"type": "string", "description": "A JSON pointer into the event's structured form."},
    "message": {"type": "string", "description": "What is wrong, and the remedy."},
    "source": {"type": ["string", "null"], "description": "The event's, where it can be read."},
    "id": {"type": ["string", "null"], "description": "The event's, where it can be read."},
    **_PLACE_PROPERTIES,
    "published_at": _INSTANT,
    "recorded_at": _INSTANT,
    "value_bytes": {"type": ["integer", "null"]},
    "requeued_from": _object_or_null(
        {"dead_letter": {"type": "integer"}, **_PLACE_PROPERTIES},
        "The letter of which the message came by being requeued.",
    ),
    "state": {"type": "string", "enum": [str(state) for state in State]},
    "settled_at": {**_INSTANT, "type": ["string", "null"]},
    "reason": {"type": ["string", "null"], "description": "Why it was discarded."},
    "edited": {"type": "boolean", "description": "Whether it was requeued as a corrected event."},
    "requeued_to": _object_or_null(_PLACE_PROPERTIES, "Where the broker put it when it was requeued."),
}
_BYTES: dict[str, Any] = {
    "type": ["object", "null"],
    "description": "Bytes: `text` where they are UTF-8, else `base64`.",
    "minProperties": 1,
    "maxProperties": 1,
    "additionalProperties": False,
    "properties": {"text": {"type": "string"}, "base64": {"type": "string"}},
}
_WHOLE_PROPERTIES: dict[str, Any] = {
    **_SUMMARY_PROPERTIES,
    "recorded": _object_or_null(
        {**_PLACE_PROPERTIES, "recorded_at": _INSTANT},
        "The event of the same source and id that was recorded, and stands.",
    ),
    "failed_again_as": {
        "type": ["integer", "null"],
        "description": "The letter that came of requeuing this one.",
    },
    "key": _BYTES,
    "headers": {
        "type": "array",
        "items": {
            "type": "object",
            "required": ["name", "value"],
            "properties": {"name": {"type": "string"}, "value": _BYTES},
        },
    },
    "value": _BYTES,
}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": list(properties),
        "additionalProperties": False,
        "properties": properties,
    }


DEAD_LETTER: dict[str, Any] = {
    "name": "dead_letter",
    "in": "path",
    "required": True,
    "description": "Its number.",
    "schema": {"type": "integer", "minimum": 1, "maximum": 10**18 - 1},
    "example": 17,
}

_LETTER = _object(_WHOLE_PROPERTIES)
_PAGE = _object(
    {
        "dead_letters": {"type": "array", "items": _object(_SUMMARY_PROPERTIES)},
        "next": {
            "type": ["integer", "null"],
            "description": "The `after` of the next page; null on the last.",
        },
    }
)


LIST_ANSWER = json_response("The page.", {**_PAGE, "example": examples.LETTERS})
LETTER_ANSWER = json_response("The letter.", {**_LETTER, "example": examples.LETTER})
REQUEUED_ANSWER = json_response(
    "The letter, with where its message lies now.", {**_LETTER, "example": examples.REQUEUED}
)
DISCARDED_ANSWER = json_response("The letter.", {**_LETTER, "example": examples.DISCARDED})


def letter_problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The declarations of the errors that these calls alone can answer with."""
    descriptions = {
        403: "Dead letters are for those who see all organizations.",
        404: "There is no such letter.",
        409: "It was requeued or discarded before, or is at this moment.",
        413: "The body is larger than a message may be.",
        415: "The body is not JSON.",
    }
    content = {MEDIA_TYPE: {"schema": PROBLEM_REFERENCE}}
    return {status: {"description": descriptions[status], "content": content} for status in statuses}


def edited_event() -> dict[str, Any]:
    """The body of a requeue."""
    content = {"schema": {"type": "object"}, "example": GOLDEN["servicetokens.order.shipped.v1"]}
    return {
        "required": False,
        "description": "The corrected event, a CloudEvent in structured mode; none: the message as it was.",
        "content": {STRUCTURED_CONTENT_TYPE: content, "application/json": content},
    }


def reason_of_a_discard() -> dict[str, Any]:
    """The body of a discard."""
    reason = {"type": "string", "minLength": 1, "maxLength": REASON_MAX_LENGTH}
    content = {"schema": _object({"reason": reason}), "example": examples.REASON}
    return {"required": True, "content": {"application/json": content}}
