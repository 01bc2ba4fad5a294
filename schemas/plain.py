"""Plain events: of the types of which there are most, in plain text. `plain_event.c` reads them, if it is compiled.

What is not plain, right or wrong, is read by `schemas.envelope`, which knows all the rules; so is everything where
no compiler was at hand.
"""

from collections.abc import Callable
from typing import NamedTuple

from schemas.events import EventData, StationActivated, TokenApplied, TokenUnapplied
from schemas.text import Identifier, Instant, OptionalIdentifier, OptionalInstant, OptionalText
from schemas.topics import EVENT_TYPES

_IDENTIFIER, _TEXT, _INSTANT = range(3)
_KINDS = (
    (Identifier, _IDENTIFIER, True),
    (OptionalIdentifier, _IDENTIFIER, False),
    (OptionalText, _TEXT, False),
    (Instant, _INSTANT, True),
    (OptionalInstant, _INSTANT, False),
)
_MODELS = (StationActivated, TokenApplied, TokenUnapplied)


class PlainType(NamedTuple):
    """A type as the reader needs it: each of `fields` is a name, a kind, and whether it is required."""

    name: str
    model: type[EventData]
    fields: tuple[tuple[str, int, bool], ...]
    is_activation: bool


def _fields(model: type[EventData]) -> tuple[tuple[str, int, bool], ...]:
    found = tuple(
        (name, kind, is_required)
        for name, annotation in model.__annotations__.items()
        for each, kind, is_required in _KINDS
        if annotation is each
    )
    assert [name for name, _, _ in found] == list(model.model_fields), f"{model.__name__} is not plain"
    return found


Read = Callable[[bytes, dict[str, PlainType]], tuple[str, str, str, int, EventData, bytes, bytes] | None]


def _compiled() -> Read | None:
    try:
        from schemas.plain_event import read
    except ImportError:
        return None
    return read


read_plain = _compiled()
"""Gives the fields of `schemas.envelope.Event` in their order, None for what is not plain. None where not compiled."""

PLAIN_TYPES: dict[str, PlainType] = {
    name: PlainType(name, event_type.model, _fields(event_type.model), event_type.model is StationActivated)
    for name, event_type in EVENT_TYPES.items()
    if event_type.model in _MODELS
}
