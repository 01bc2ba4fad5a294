"""Which recorded events are asked for."""

from dataclasses import dataclass

from lifecycle.recording import Message


@dataclass(frozen=True)
class Selection:
    """Every condition that is given must hold; with none, it is the whole journal.

    What is selected by subject, source or id comes with its retractions. Instants are microseconds; `recorded_to`
    and `to_offset` are exclusive; `topic` is the full name.
    """

    serial: str | None = None
    sales_order: str | None = None
    line: str | None = None
    shipment: str | None = None
    station: str | None = None
    source: str | None = None
    id: str | None = None
    topic: str | None = None
    partition: int | None = None
    from_offset: int | None = None
    to_offset: int | None = None
    recorded_from: int | None = None
    recorded_to: int | None = None

    def is_in_place(self, message: Message) -> bool:
        """Whether a message lay where it is asked for."""
        return (
            self.topic in (None, message.topic)
            and self.partition in (None, message.partition)
            and (self.from_offset is None or message.offset >= self.from_offset)
            and (self.to_offset is None or message.offset < self.to_offset)
        )
