"""From what pydantic found wrong to the one rule that is named, where it is broken, and what to do about it."""

from typing import Any

import orjson
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from schemas.json_text import escape
from schemas.rules import Refused

_EXCERPT_LENGTH = 60
_WRONG_TYPE = {
    "string_type": "write it as a JSON string",
    "int_type": "write it as a whole number, without quotes",
    "bool_type": "write true or false, without quotes",
    "tuple_type": "write it as a JSON array",
    "model_type": "write it as a JSON object",
}
_ACROSS_FIELDS = {
    "repeated_line": "it is there already: name each line once",
    "repeated_serial": "it is there already: name each serial once, whatever the line",
    "too_many_serials": "name at most 10,000 serials in one event, and the others in further ones",
}


def refuse_data(error: ValidationError) -> Refused:
    """The first of the errors, in the order of the contract's fields; the message tells how many more there are."""
    errors = error.errors(include_url=False)
    rule, at, remedy = _broken_rule(errors[0])
    pointer = "/data" + "".join(f"/{escape(str(step))}" for step in errors[0]["loc"]) + at
    others = len(errors) - 1
    if others:
        remedy += f" ({others} more {'field is' if others == 1 else 'fields are'} wrong)"
    return Refused(rule, pointer, remedy)


def excerpt(value: Any) -> str:
    """A value as it can stand in a message: short, without a NUL."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "an array"
    if isinstance(value, str) and len(value) > _EXCERPT_LENGTH:
        value = value[:_EXCERPT_LENGTH] + "…"
    return orjson.dumps(value).decode()[: _EXCERPT_LENGTH * 6]


def identifier_rule(text: str) -> tuple[str, str]:
    """The rule that an identifier breaks which does not match its pattern, and the remedy."""
    if not text.strip():
        return "missing", "a blank is no value: fill it in"
    if text != text.strip(" \u0085\u00a0\u1680\u2000\u2001"):
        return "surrounding_blank", f"{excerpt(text)} begins or ends with a blank: take it off"
    return "control_character", f"{excerpt(text)} holds a control character: take it out"


def _broken_rule(error: ErrorDetails) -> tuple[str, str, str]:
    """The rule, the pointer from the error's place on, and the remedy."""
    kind, value = error["type"], error["input"]
    context: dict[str, Any] = error.get("ctx", {})
    match kind:
        case "missing":
            return "missing", "", "the contract requires it: add it"
        case _ if kind in _WRONG_TYPE:
            if value is None:
                return "missing", "", "it is null, and the contract requires it: fill it in"
            return "wrong_type", "", f"{excerpt(value)} is of the wrong type: {_WRONG_TYPE[kind]}"
        case "string_too_short":
            return "missing", "", "it is empty, and the contract requires it: fill it in"
        case "string_too_long":
            return "too_long", "", f"it has {len(value):,} characters: write at most {context['max_length']}"
        case "string_pattern_mismatch":
            return (*identifier_rule(value)[:1], "", identifier_rule(value)[1])
        case "greater_than_equal":
            return "out_of_range", "", f"{excerpt(value)} is too small: write {context['ge']} or more"
        case "less_than_equal":
            return "out_of_range", "", f"{excerpt(value)} is too large: write {context['le']} or less"
        case "too_short":
            return "empty_list", "", "name at least one"
        case "too_long":
            return "too_many_serials", "", _ACROSS_FIELDS["too_many_serials"]
        case "time":
            return context["rule"], "", f"{excerpt(value)}: {context['reason']}"
        case "across_fields":
            return context["rule"], context["at"], _ACROSS_FIELDS[context["rule"]]
    raise AssertionError(f"the models have no such error: {kind}")
