"""What events say about one subject each, in the form in which the subjects keep it.

The structures are packed as arrays (MessagePack) beside the rows of their subjects; a field is never removed
and new ones only ever follow, with a default. Instants are microseconds since 1970 in UTC, dates are
`date.toordinal()` numbers.
"""

from typing import Any

import msgspec


class OrderVersion(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One line of one order event. `retracted` is the earliest `time` of a retraction of that event."""

    identity: bytes
    revision: int
    time: int
    source: str
    id: str
    retracted: int | None
    cancelled: bool
    order_date: int
    org_id: str
    org_name: str
    customer_id: str
    customer_name: str
    purchase_order: str | None
    customer_reference: str | None
    part_number: str
    cloud_plan: str
    description: str | None
    term_years: int
    token_type: str


class ShipmentVersion(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One shipment event; which serials it lists, and under which line, is kept by the tokens."""

    identity: bytes
    revision: int
    time: int
    source: str
    id: str
    retracted: int | None
    ship_date: int


class Activation(msgspec.Struct, frozen=True, array_like=True, gc=False, order=True):
    """A station's report that it is active. Ordered by (activated_at, source, id)."""

    activated_at: int
    source: str
    id: str


class Applied(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=1):
    """The portal put the token on a station."""

    instant: int
    time: int
    source: str
    id: str
    station_serial: str
    station_name: str | None
    evse_id: str | None
    starts_at: int | None


class Unapplied(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=0):
    """The portal took the token off its station. The tag sorts before `Applied`: first at equal instants."""

    instant: int
    time: int
    source: str
    id: str
    station_serial: str | None


class Activated(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=2):
    """A station's activation that names the token."""

    instant: int
    time: int
    source: str
    id: str
    station_serial: str


class Transferred(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=3):
    """An owner handed the token to another organization."""

    instant: int
    time: int
    source: str
    id: str
    from_org_id: str
    to_org_id: str
    to_org_name: str


class Returned(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=4):
    """The token came back."""

    instant: int
    time: int
    source: str
    id: str
    reason: str | None


OwnFact = Applied | Unapplied | Activated | Transferred | Returned


class TokenFacts(msgspec.Struct, array_like=True):
    """All that reaches a token without passing through another subject, and the subjects that matter to it.

    `lines` holds, for each line ever tied to the token, the identities of the order versions that list it;
    `shipments`, for each shipment ever listing it, the line under which each version does.
    """

    own: list[OwnFact]
    lines: dict[str, list[bytes]]
    shipments: dict[str, dict[bytes, str]]


class StationFacts(msgspec.Struct, array_like=True):
    """The first activation of a station, where there is one; the journal has the others.

    Rows of earlier versions hold the two that follow it as well, and a flag: neither is looked at.
    """

    activations: list[Activation]

    @property
    def first(self) -> Activation | None:
        """The first activation ever."""
        return self.activations[0] if self.activations else None


pack = msgspec.msgpack.Encoder().encode
unpack_token = msgspec.msgpack.Decoder(TokenFacts).decode
unpack_order_versions = msgspec.msgpack.Decoder(list[OrderVersion]).decode
unpack_shipment_versions = msgspec.msgpack.Decoder(list[ShipmentVersion]).decode
unpack_station = msgspec.msgpack.Decoder(StationFacts).decode
unpack_serials = msgspec.msgpack.Decoder(list[str]).decode


def retracted_version(version: Any, time: int) -> Any:
    """The same version, taken back by a retraction of that `time`; the earliest retraction counts."""
    if version.retracted is not None and version.retracted <= time:
        return version
    return msgspec.structs.replace(version, retracted=time)


def in_own_order(fact: OwnFact) -> tuple[int, int, str, str]:
    """The key of own order; at equal instants un-applications go first."""
    return fact.instant, not isinstance(fact, Unapplied), fact.source, fact.id
