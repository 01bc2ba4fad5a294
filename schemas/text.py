"""The kinds of value that the data of events is made of, as annotated types for the models.

null or "" in an optional field is absence, of every kind. Nothing is converted: a number is never read out of
a text, nor an instant out of a number. JSON has one kind of number, so 1.0 is the whole number 1.
"""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, TypeVar

from pydantic import (
    BeforeValidator,
    Field,
    PlainSerializer,
    PlainValidator,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from schemas.instants import TimeError, format_instant, parse_event_date, parse_event_instant

IDENTIFIER_MAX_LENGTH = 128
TEXT_MAX_LENGTH = 500
SOURCE_MAX_LENGTH = 500
INT64_MAX = 2**63 - 1
# Up to here a whole float is the number that was written, and not one near it.
EXACT_FLOAT_MAX = 2**53 - 1

# Spelt out, since \s and \p{Cc} differ or are missing among the regexes of Rust, Python and JSON Schema.
CONTROL = r"\u0000-\u001f\u007f-\u009f"
BLANK = r" \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
IDENTIFIER_PATTERN = f"^[^{CONTROL}{BLANK}]([^{CONTROL}]*[^{CONTROL}{BLANK}])?$"
NOT_BLANK_PATTERN = f"[^{CONTROL}{BLANK}]"
INSTANT_PATTERN = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?"
    r"([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$"
)
DATE_PATTERN = "^20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"

INSTANT_SCHEMA: dict[str, Any] = {"type": "string", "format": "date-time", "pattern": INSTANT_PATTERN}
DATE_SCHEMA: dict[str, Any] = {"type": "string", "format": "date", "pattern": DATE_PATTERN}
IDENTIFIER_SCHEMA: dict[str, Any] = {
    "type": "string",
    "minLength": 1,
    "maxLength": IDENTIFIER_MAX_LENGTH,
    "pattern": IDENTIFIER_PATTERN,
}
SOURCE_SCHEMA: dict[str, Any] = {
    **IDENTIFIER_SCHEMA,
    "maxLength": SOURCE_MAX_LENGTH,
    "format": "uri-reference",
}

Parsed = TypeVar("Parsed")


def _or_absent(schema: dict[str, Any]) -> WithJsonSchema:
    return WithJsonSchema({"anyOf": [schema, {"enum": [None, ""]}]})


def _absent_if_empty(value: object) -> object:
    return None if value == "" else value


def _false_if_absent(value: object) -> object:
    return False if value is None or value == "" else value


def _one_kind_of_number(value: object) -> object:
    if type(value) is float and value.is_integer() and not EXACT_FLOAT_MAX < abs(value) <= INT64_MAX:
        return int(value)
    return None if value == "" else value


def parsed(parse: Callable[[str], Parsed]) -> Callable[[object], Parsed]:
    """A validator of texts that `parse` reads or refuses with a `TimeError`."""

    def validate(value: object) -> Parsed:
        if type(value) is not str:
            raise PydanticCustomError("string_type", "no string")
        if not value:
            raise PydanticCustomError("string_too_short", "empty")
        try:
            return parse(value)
        except TimeError as error:
            raise PydanticCustomError(
                "time", "{reason}", {"rule": error.rule, "reason": str(error)}
            ) from None

    return validate


def _parsed_or_absent(parse: Callable[[str], Parsed]) -> Callable[[object], Parsed | None]:
    parse_required = parsed(parse)

    def validate(value: object) -> Parsed | None:
        return None if value is None or value == "" else parse_required(value)

    return validate


def _format_instant_or_none(instant: int | None) -> str | None:
    return None if instant is None else format_instant(instant)


Identifier = Annotated[
    str,
    StringConstraints(min_length=1, max_length=IDENTIFIER_MAX_LENGTH, pattern=IDENTIFIER_PATTERN),
]
OptionalIdentifier = Annotated[
    Identifier | None, BeforeValidator(_absent_if_empty), _or_absent(IDENTIFIER_SCHEMA)
]
# The source of an event: as the envelope takes it, so that every event can be retracted.
Source = Annotated[
    str,
    StringConstraints(min_length=1, max_length=SOURCE_MAX_LENGTH, pattern=IDENTIFIER_PATTERN),
    WithJsonSchema(SOURCE_SCHEMA),
]

Text = Annotated[str, StringConstraints(min_length=1, max_length=TEXT_MAX_LENGTH, pattern=NOT_BLANK_PATTERN)]
OptionalText = Annotated[
    Annotated[str, StringConstraints(max_length=TEXT_MAX_LENGTH)] | None,
    BeforeValidator(_absent_if_empty),
    WithJsonSchema({"type": ["string", "null"], "maxLength": TEXT_MAX_LENGTH}),
]

TermYears = Annotated[int, Field(ge=1, le=99), BeforeValidator(_one_kind_of_number)]
OptionalRevision = Annotated[
    Annotated[int, Field(ge=0, le=INT64_MAX)] | None,
    BeforeValidator(_one_kind_of_number),
    _or_absent({"type": "integer", "minimum": 0, "maximum": INT64_MAX}),
]
OptionalQuantity = Annotated[
    Annotated[int, Field(ge=1, le=INT64_MAX)] | None,
    BeforeValidator(_one_kind_of_number),
    _or_absent({"type": "integer", "minimum": 1, "maximum": INT64_MAX}),
]
Flag = Annotated[
    bool,
    BeforeValidator(_false_if_absent),
    WithJsonSchema({"enum": [True, False, None, ""]}),
]

Instant = Annotated[
    int,
    PlainValidator(parsed(parse_event_instant)),
    PlainSerializer(format_instant, return_type=str, when_used="json"),
    WithJsonSchema(INSTANT_SCHEMA),
]
OptionalInstant = Annotated[
    int | None,
    PlainValidator(_parsed_or_absent(parse_event_instant)),
    PlainSerializer(_format_instant_or_none, return_type=str | None, when_used="json"),
    _or_absent(INSTANT_SCHEMA),
]
Date = Annotated[
    date,
    PlainValidator(parsed(parse_event_date)),
    PlainSerializer(date.isoformat, return_type=str, when_used="json"),
    WithJsonSchema(DATE_SCHEMA),
]
