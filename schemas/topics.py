"""The event types with their topics and keys: the one table for routing, publishing and the AsyncAPI file.

A key is the subject of the event, so that what concerns one subject arrives in order where it can.
Correctness never depends on the key, and every type is understood on every input topic. Topics are named
without the prefix of the settings.
"""

from dataclasses import dataclass

from schemas.announcements import TokenExpiring, TokenStatusChanged
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
    """One row: `subject` is the field of the data that is the Kafka key, or whose first element is."""

    name: str
    model: type[EventData]
    topic: str
    subject: str

    def key(self, data: EventData) -> str:
        """The Kafka key of an event with this data, an instance of `model`."""
        subject: str | tuple[str, ...] = getattr(data, self.subject)
        return subject if isinstance(subject, str) else subject[0]


RETRACTIONS = "retractions"
_IN = (
    EventType("servicetokens.order.placed.v1", OrderPlaced, "orders", "sales_order"),
    EventType("servicetokens.order.shipped.v1", OrderShipped, "shipments", "shipment"),
    EventType("servicetokens.token.returned.v1", TokenReturned, "shipments", "token_serials"),
    EventType("servicetokens.token.applied.v1", TokenApplied, "applications", "token_serial"),
    EventType("servicetokens.token.unapplied.v1", TokenUnapplied, "applications", "token_serial"),
    EventType("servicetokens.station.activated.v1", StationActivated, "activations", "station_serial"),
    EventType("servicetokens.token.transferred.v1", TokenTransferred, "transfers", "token_serials"),
    EventType("servicetokens.event.retracted.v1", EventRetracted, RETRACTIONS, "event_id"),
)
_OUT = (
    EventType("servicetokens.token.status_changed.v1", TokenStatusChanged, "token-status", "token_serial"),
    EventType("servicetokens.token.expiring.v1", TokenExpiring, "token-notices", "token_serial"),
)

EVENT_TYPES: dict[str, EventType] = {event_type.name: event_type for event_type in _IN}
OUTPUT_EVENT_TYPES: dict[str, EventType] = {event_type.name: event_type for event_type in _OUT}
INPUT_TOPICS: tuple[str, ...] = tuple(dict.fromkeys(event_type.topic for event_type in _IN))
OUTPUT_TOPICS: tuple[str, ...] = tuple(dict.fromkeys(event_type.topic for event_type in _OUT))
