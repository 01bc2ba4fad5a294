"""The free texts of a history exchanged for ones that tempt a filter or a sort into mistakes."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.events import Json
from tests.projections.read.companies import TEXTS

NASTY = [text for text in TEXTS if text is not None and text.strip()]
FREE = (
    *("description", "customer_reference", "purchase_order", "customer_name", "token_type", "cloud_plan"),
    *("station_name", "org_name", "to_org_name", "reason"),
)


def with_other_texts(history: Sequence[Json], turn: int) -> list[Json]:
    """The history with other free texts, equal ones for equal ones; as it was where `turn` is 0.

    `turn` says with which text the exchange begins.
    """
    if turn == 0:
        return list(history)
    words = sorted(set(_free_texts(history)))
    exchange = {word: NASTY[(turn + number) % len(NASTY)] for number, word in enumerate(words)}
    assert len(words) <= len(NASTY), "two texts would become one"
    return [_exchanged(event, exchange) for event in history]


def _free_texts(value: Any) -> list[str]:
    if isinstance(value, list):
        return [text for each in value for text in _free_texts(each)]
    if not isinstance(value, dict):
        return []
    own = [text for key, text in value.items() if key in FREE and text]
    return own + [text for each in value.values() for text in _free_texts(each)]


def _exchanged(value: Any, exchange: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_exchanged(each, exchange) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        key: exchange[each] if key in FREE and each else _exchanged(each, exchange)
        for key, each in value.items()
    }
