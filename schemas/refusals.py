"""From a value that is wrong to the one rule that is named, where it is broken, and what to do about it."""

import re
from typing import Any

import orjson
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from schemas.json_text import pointer_of
from schemas.rules import Refused
from schemas.text import BLANK, CONTROL

_EXCERPT_LENGTH = 60
_OTHERS_NAMED = 4
_NOTHING_BUT_BLANKS = re.compile(f"[{BLANK}{CONTROL}]*")
_BLANK_AT_AN_END = re.compile(rf"[{BLANK}].*|.*[{BLANK}]", re.DOTALL)
_RIGHT_TYPES = {
    "string_type": "a JSON string",
    "int_type": "a whole number, without quotes",
    "bool_type": "true or false, without quotes",
    "tuple_type": "a JSON array",
    "model_type": "a JSON object",
}
_REMEDIES_ACROSS_FIELDS = {
    "repeated_line": "this one is there already",
    "repeated_serial": "this one is there already",
    "too_many_serials": "send the others in further events",
}


def refused_data(error: ValidationError) -> Refused:
    """The first of the errors, in the order of the contract's fields; its remedy names the others, or counts them."""
    errors = _errors(error)
    first, *others = (_refused_at(found, ("data",)) for found in errors[: 1 + _OTHERS_NAMED])
    if others:
        named = [f"{other.rule} at {other.pointer}" for other in others]
        if rest := len(errors) - 1 - len(others):
            named.append(f"{rest} more")
        first.remedy += f" (also {', '.join(named)})"
    return first


def refused_fields(error: ValidationError, most: int) -> list[Refused]:
    """Each of the errors, up to `most`, of a document that is no event; a field that it must not have is
    `unknown_field`.
    """
    return [_refused_at(found, ()) for found in _errors(error)[:most]]


def refused_type(pointer: str, value: Any, right_type: str) -> Refused:
    """For a required value that is null or "", or of another type than `right_type` ("a JSON string")."""
    if value is None or value == "":
        return Refused("missing", pointer, "fill it in")
    return Refused("wrong_type", pointer, f"{excerpt(value)} is of another: write {right_type}")


def refused_text(pointer: str, text: str) -> Refused:
    """For a text that does not match the pattern of identifiers, or that of required text."""
    if _NOTHING_BUT_BLANKS.fullmatch(text):
        return Refused("missing", pointer, "fill it in")
    if _BLANK_AT_AN_END.fullmatch(text):
        return Refused("surrounding_blank", pointer, f"take it off {excerpt(text)}")
    return Refused("control_character", pointer, f"take it out of {excerpt(text)}")


def refused_length(pointer: str, text: str, max_length: int) -> Refused:
    return Refused("too_long", pointer, f"it has {len(text):,} characters: write at most {max_length}")


def excerpt(value: Any) -> str:
    """A value as it can stand in a message: short, and without a NUL."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "an array"
    if isinstance(value, str) and len(value) > _EXCERPT_LENGTH:
        value = value[:_EXCERPT_LENGTH] + "…"
    if isinstance(value, int) and value.bit_length() > 63:
        value = float(value)
    return orjson.dumps(value).decode()


def _errors(error: ValidationError) -> list[ErrorDetails]:
    # An array that failed at an element counts as too short as well, whatever its length.
    return [
        found
        for found in error.errors(include_url=False)
        if not (found["type"] == "too_short" and found["input"])
    ]


def _refused_at(error: ErrorDetails, root: tuple[str, ...]) -> Refused:
    context: dict[str, Any] = error.get("ctx", {})
    return _refused_field(error, context, pointer_of((*root, *error["loc"], *context.get("path", ()))))


def _refused_field(error: ErrorDetails, context: dict[str, Any], pointer: str) -> Refused:
    kind, value = error["type"], error["input"]
    if kind in _RIGHT_TYPES:
        return refused_type(pointer, value, _RIGHT_TYPES[kind])
    match kind:
        case "missing" | "string_too_short":
            return Refused("missing", pointer, "fill it in")
        case "string_too_long":
            return refused_length(pointer, value, context["max_length"])
        case "string_pattern_mismatch":
            return refused_text(pointer, value)
        case "greater_than_equal":
            return Refused(
                "out_of_range", pointer, f"{excerpt(value)} is too small: write {context['ge']} or more"
            )
        case "less_than_equal":
            return Refused(
                "out_of_range", pointer, f"{excerpt(value)} is too large: write {context['le']} or less"
            )
        case "too_short":
            return Refused("empty_list", pointer, "name at least one")
        case "too_long":
            return Refused("too_many_serials", pointer, _REMEDIES_ACROSS_FIELDS["too_many_serials"])
        case "extra_forbidden":
            return Refused("unknown_field", pointer, "leave it out, or write its name as it is documented")
        case "time":
            return Refused(context["rule"], pointer, f"{excerpt(value)}: {context['reason']}")
        case "across_fields":
            return Refused(context["rule"], pointer, _REMEDIES_ACROSS_FIELDS[context["rule"]])
        case _:
            raise AssertionError(f"the models know no such error: {kind}")
