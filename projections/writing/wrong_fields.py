"""All that is wrong with an event, where a reader of messages stops at the first thing."""

from typing import Any

from pydantic import ValidationError

from schemas.events import EventData
from schemas.headers import Headers, binary_attributes
from schemas.json_text import read
from schemas.refusals import refused_fields
from schemas.rules import RULES, Invalid, Refused
from schemas.topics import EVENT_TYPES

_HOPELESS = ("empty", "too_large", "not_json", "too_deep")


def wrong_fields(value: bytes, headers: Headers, first: Invalid, most: int) -> list[Invalid]:
    """`first`, and whatever else the fields of the data break, up to `most`, in the order of the contract."""
    if first.rule in _HOPELESS:
        return [first]
    try:
        model, data = _data(value, headers)
        model.model_validate(data)
    except Refused:
        return [first]
    except ValidationError as error:
        fields = [_invalid(each, first) for each in refused_fields(error, most)]
        is_there = any((each.rule, each.pointer) == (first.rule, first.pointer) for each in fields)
        return fields if is_there else [first, *fields][:most]
    return [first]


def _data(value: bytes, headers: Headers) -> tuple[type[EventData], Any]:
    """What the type says that the data are, and the data. Raises `Refused` where there is no such type."""
    attributes, data = binary_attributes(headers), read(value, "")
    if attributes is None:
        attributes = data if type(data) is dict else {}
        data = attributes.get("data")
    name = attributes.get("type")
    event_type = EVENT_TYPES.get(name) if isinstance(name, str) else None
    if event_type is None or type(data) is not dict:
        raise Refused("unknown_type", "/type", "without its type nothing is known of its data")
    return event_type.model, data


def _invalid(refused: Refused, first: Invalid) -> Invalid:
    pointer = f"/data{refused.pointer}"
    sentence = f"{refused.rule} at {pointer}: {RULES[refused.rule]}; {refused.remedy}"
    return Invalid(refused.rule, pointer, sentence, first.source, first.id)
