"""What the parameters of a list may hold, as JSON Schema: what machines are told, who are not told in words."""

from collections.abc import Sequence
from typing import Any

from projections.listing import Column, ColumnType, Listing, Operator

_DATE = r"(?:today(?:[+-][0-9]{1,5}d)?|[0-9]{4}-[0-9]{2}-[0-9]{2})$"
_NUMBER = r"[+-]?[0-9]+(?:\.[0-9]+)?$"


def filter_schema(listing: Listing) -> dict[str, Any]:
    """A filter: the columns with their operators. Of values it tells the form, not which day there is."""
    with_values = [operator for operator in Operator if operator.takes_value]
    bounds = (Operator.BEFORE, Operator.AFTER)
    forms = [
        _form(listing.columns, [each for each in with_values if each not in bounds], ""),
        _form([each for each in listing.columns if each.type is ColumnType.DATE], bounds, _DATE),
        _form([each for each in listing.columns if each.type is ColumnType.NUMBER], bounds, _NUMBER),
    ]
    empty = f"{_one_of(listing.keys)}:{_one_of([each for each in Operator if not each.takes_value])}:?$"
    given = [form for form in forms if form is not None]
    return {"type": "string", "pattern": f"^(?:{'|'.join([*given, empty])})"}


def columns_schema(listing: Listing, standard: str) -> dict[str, Any]:
    """Keys with commas between them; `standard` stands for the standard columns and is the default."""
    key = _one_of([standard, *listing.keys])
    return {"type": "string", "default": standard, "pattern": f"^{key}(?:,{key})*$"}


def sort_schema(listing: Listing) -> dict[str, Any]:
    """A key, `-` first for descending."""
    return {"type": "string", "enum": [sign + key for key in listing.keys for sign in ("", "-")]}


def _form(columns: Sequence[Column], operators: Sequence[Operator], value: str) -> str | None:
    if not columns:
        return None
    return f"{_one_of([column.key for column in columns])}:{_one_of(operators)}:{value}"


def _one_of(words: Sequence[str]) -> str:
    return f"(?:{'|'.join(words)})"
