"""Names of its own for each history of a round, so that many of them fit into one database without meeting."""

from typing import Any

from tests.events import Json

# What a filter or sort of serials could trip over.
_BEGINNINGS = ("", "st-", "ST-", "Ä", "ä", "=", "a,b ", "100%_", "\\", "🔌")
_NAMES = ("id", "event_id", "sales_order", "shipment", "station_serial", "token_serial", "token_serials")


def beginning(number: int) -> str:
    """What all names of a history begin with, by its number in the round."""
    return f"{_BEGINNINGS[number % len(_BEGINNINGS)]}{number}."


def named(event: Json, number: int) -> Json:
    """The event with names of its history's own. Ids keep their order."""
    named_event: Json = _named(event, beginning(number))
    return named_event


def _named(value: Any, prefix: str) -> Any:
    if not isinstance(value, dict):
        return value
    return {
        key: _name(each, prefix) if key in _NAMES else _deeper(each, prefix) for key, each in value.items()
    }


def _deeper(value: Any, prefix: str) -> Any:
    return [_named(each, prefix) for each in value] if isinstance(value, list) else _named(value, prefix)


def _name(value: Any, prefix: str) -> Any:
    if isinstance(value, list):
        return [prefix + each for each in value]
    return prefix + value if value else value
