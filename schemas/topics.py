"""The event types with their topics and keys: the one table that routing, publishing and AsyncAPI are made from.

A key is the subject of the event, so that what concerns one subject arrives in order where it can. Correctness never
depends on the key, and every type is understood on every input topic. Names are without the prefix of the settings.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from schemas.events import (
    EventData,
    EventRetracted,
    OrderPlaced,
    OrderShipped,
    StationActivated,
    TokenApplied,
    TokenReturned,
    TokenTransferred,
    TokenUnapplied,
)


@dataclass(frozen=True, slots=True)
class EventType:
    """One row: `key` gives the Kafka key of the data (a model's instance); `key_is` says it in words."""

    name: str
    model: type[EventData]
    topic: str
    key_is: str
    key: Callable[[Any], str]


def _by_name(*types: EventType) -> dict[str, EventType]:
    return {event_type.name: event_type for event_type in types}


EVENT_TYPES: dict[str, EventType] = _by_name(
    EventType(
        "servicetokens.order.placed.v1", OrderPlaced, "orders", "the sales order", lambda data: data.sales_order
    ),
    EventType(
        "servicetokens.order.shipped.v1", OrderShipped, "shipments", "the shipment", lambda data: data.shipment
    ),
    EventType(
        "servicetokens.token.returned.v1",
        TokenReturned,
        "shipments",
        "the first of the token serials",
        lambda data: data.token_serials[0],
    ),
    EventType(
        "servicetokens.token.applied.v1",
        TokenApplied,
        "applications",
        "the token serial",
        lambda data: data.token_serial,
    ),
    EventType(
        "servicetokens.token.unapplied.v1",
        TokenUnapplied,
        "applications",
        "the token serial",
        lambda data: data.token_serial,
    ),
    EventType(
        "servicetokens.station.activated.v1",
        StationActivated,
        "activations",
        "the station serial",
        lambda data: data.station_serial,
    ),
    EventType(
        "servicetokens.token.transferred.v1",
        TokenTransferred,
        "transfers",
        "the first of the token serials",
        lambda data: data.token_serials[0],
    ),
    EventType(
        "servicetokens.event.retracted.v1",
        EventRetracted,
        "retractions",
        "the id of the event taken back",
        lambda data: data.event_id,
    ),
)

INPUT_TOPICS: tuple[str, ...] = tuple(dict.fromkeys(event_type.topic for event_type in EVENT_TYPES.values()))
OUTPUT_TOPICS: tuple[str, ...] = ("token-status", "token-notices")
