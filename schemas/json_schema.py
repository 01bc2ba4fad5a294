"""The JSON Schema of an event type: of the whole CloudEvent, in structured mode.

It says what JSON Schema can say. The rest is in `schemas.rules`: a serial and a line once in an event,
`activated_at` against `time`, the years of an instant, NUL in no place. `parse` holds to all of it.
"""

from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import CoreSchema

from schemas import text
from schemas.topics import EVENT_TYPES, EventType

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_JSON_CONTENT_TYPE = r"(^[aA][pP][pP][lL][iI][cC][aA][tT][iI][oO][nN]/|\+)[jJ][sS][oO][nN] *(;|$)"
# Kinds that a reader of a schema should meet by name, and not as the same pattern twenty times.
_NAMED_KINDS: dict[str, Any] = {
    "identifier": text.Identifier,
    "optional_identifier": text.OptionalIdentifier,
    "source": text.Source,
    "text": text.Text,
    "optional_text": text.OptionalText,
    "instant": text.Instant,
    "optional_instant": text.OptionalInstant,
    "date": text.Date,
}
_KINDS: dict[str, dict[str, Any]] = {
    name: TypeAdapter(kind).json_schema() for name, kind in _NAMED_KINDS.items()
}


class _WithoutTitles(GenerateJsonSchema):
    """Pydantic's titles repeat the names of the fields and models."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        return False

    def generate(self, schema: CoreSchema, mode: Any = "validation") -> dict[str, Any]:
        written = super().generate(schema, mode)
        for model in (written, *written.get("$defs", {}).values()):
            model.pop("title", None)
        return written


def event_schema(event_type: EventType) -> dict[str, Any]:
    """JSON Schema 2020-12 of one type's events, those that come in and those that go out."""
    data = event_type.model.model_json_schema(schema_generator=_WithoutTitles)
    definitions = data.pop("$defs", {})
    # What goes out has ids made from a serial and more, which are longer than an identifier may be.
    comes_in = event_type.name in EVENT_TYPES
    schema: dict[str, Any] = {
        "$schema": DIALECT,
        "$id": f"urn:servicetokens:schema:{event_type.name}",
        "title": event_type.name,
        "description": data.pop("description"),
        "type": "object",
        "required": ["specversion", "id", "source", "type", "time", "data"],
        "properties": {
            "specversion": {"const": "1.0"},
            "id": _KINDS["identifier"] if comes_in else {"type": "string", "minLength": 1},
            "source": _KINDS["source"],
            "type": {"const": event_type.name},
            "time": _KINDS["instant"],
            "datacontenttype": {
                "anyOf": [{"type": "string", "pattern": _JSON_CONTENT_TYPE}, {"enum": [None, ""]}]
            },
            "data": data,
        },
        "not": {"required": ["data_base64"]},
        "$defs": definitions,
    }
    used: dict[str, Any] = {}
    schema = _with_named_kinds(schema, used)
    schema["$defs"] |= dict(sorted(used.items()))
    return schema


def _with_named_kinds(schema: Any, used: dict[str, Any]) -> Any:
    """The schema with a reference in the place of each kind of `_KINDS`; those met are added to `used`."""
    if isinstance(schema, list):
        return [_with_named_kinds(part, used) for part in schema]
    if not isinstance(schema, dict):
        return schema
    without_default = {name: part for name, part in schema.items() if name != "default"}
    for name, kind in _KINDS.items():
        if without_default == kind:
            used[name] = kind
            return {"$ref": f"#/$defs/{name}"} | (
                {"default": schema["default"]} if "default" in schema else {}
            )
    return {name: _with_named_kinds(part, used) for name, part in schema.items()}
