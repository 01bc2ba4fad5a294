"""What became of one recorded event: what it says of the token, and whether that counts."""

from enum import StrEnum
from typing import Any, NamedTuple

from lifecycle.explanation.anomalies import refusal_sentence
from lifecycle.explanation.evidence import Evidence
from lifecycle.explanation.words import (
    Cited,
    cite_activation,
    cite_order,
    cite_own,
    cite_shipment,
    instant,
    line_name,
)
from lifecycle.subjects import line_key
from lifecycle.workspace import serials_of
from schemas.envelope import Event
from schemas.events import (
    OrderPlaced,
    OrderShipped,
    StationActivated,
    TokenReturned,
    TokenTransferred,
    TokenUnapplied,
)


class State(StrEnum):
    """Whether a fact counts."""

    IN_FORCE = "in_force"
    SUPERSEDED = "superseded"
    RETRACTED = "retracted"
    REFUSED = "refused"
    NO_EFFECT = "no_effect"


class Standing(NamedTuple):
    """One fact about a token: what it is about, its state, that in a sentence, and the fact that made it so."""

    about: str
    state: State
    sentence: str
    by: Cited | None = None
    reason: str | None = None


def standings_of(evidence: Evidence, event: Event, is_retracted: bool) -> tuple[Standing, ...]:
    """What one event says about the token; empty where that is nothing."""
    data: Any = event.data
    if type(data) is OrderPlaced:
        keys = [line_key(data.sales_order, line.line) for line in data.lines]
        abouts = {line_name(key): key for key in keys if key in evidence.line_keys}
    elif type(data) is OrderShipped:
        abouts = (
            {f"shipment {data.shipment}": data.shipment} if data.shipment in evidence.facts.shipments else {}
        )
    elif evidence.serial in serials_of(data):
        abouts = {f"token {evidence.serial}": evidence.serial}
    elif type(data) is StationActivated and data.station_serial in evidence.station_serials:
        abouts = {f"station {data.station_serial}": data.station_serial}
    else:
        return ()
    if is_retracted:
        return tuple(Standing(about, State.RETRACTED, "It was taken back.") for about in abouts)
    return tuple(_standing(evidence, event, about, key) for about, key in abouts.items())


def _standing(evidence: Evidence, event: Event, about: str, key: str) -> Standing:
    data: Any = event.data
    if type(data) is OrderPlaced:
        version = evidence.lines[key].in_force
        assert version is not None, "one that is not retracted is recorded"
        lists = event.identity in evidence.facts.lines.get(key, ())
        return _document(event, about, version.identity, cite_order(key, version), lists)
    if type(data) is OrderShipped:
        shipment = evidence.shipments[key].in_force
        assert shipment is not None, "one that is not retracted is recorded"
        lists = event.identity in evidence.facts.shipments[key]
        return _document(event, about, shipment.identity, cite_shipment(key, shipment), lists)
    if type(data) is StationActivated:
        return _activation(evidence, event, data, about)
    return _own(evidence, event, about)


def _document(event: Event, about: str, in_force: bytes, current: Cited, lists_the_token: bool) -> Standing:
    lists = "lists the token" if lists_the_token else "does not list the token"
    if in_force == event.identity:
        return Standing(about, State.IN_FORCE, f"The version in force; it {lists}.")
    return Standing(about, State.SUPERSEDED, f"A later version replaced it; it {lists}.", current)


def _activation(evidence: Evidence, event: Event, data: StationActivated, about: str) -> Standing:
    station = data.station_serial
    known = evidence.stations.get(station)
    first = None if known is None else known.first
    if first is not None and (first.source, first.id) == (event.source, event.id):
        return Standing(about, State.IN_FORCE, f"The first activation ever of station {station}.")
    if data.token_serial == evidence.serial and evidence.stays.station_at(data.activated_at) != station:
        sentence = f"It names the token, which was not at station {station} then."
        return Standing(about, State.IN_FORCE, sentence)
    assert first is not None, "a token that is at a station was applied to it, and the station reported"
    sentence = f"Station {station} had reported before; its first activation alone counts."
    return Standing(about, State.NO_EFFECT, sentence, cite_activation(station, first))


def _own(evidence: Evidence, event: Event, about: str) -> Standing:
    data: Any = event.data
    known = (event.source, event.id)
    if type(data) is TokenTransferred:
        for refusal in evidence.history.refusals:
            if (refusal.transfer.source, refusal.transfer.id) == known:
                sentence = refusal_sentence(evidence, refusal)
                return Standing(about, State.REFUSED, sentence, reason=refusal.reason)
        return Standing(about, State.IN_FORCE, f"From then on {data.to_org_id} owns the token.")
    if type(data) is TokenReturned:
        first = min(evidence.returns, key=lambda fact: fact.instant)
        if (first.source, first.id) != known:
            sentence = f"It had been returned at {instant(first.instant)}."
            return Standing(about, State.NO_EFFECT, sentence, cite_own(first))
        return Standing(about, State.IN_FORCE, "From then on the token is in no report.")
    if type(data) is TokenUnapplied:
        station = next(
            (off.station for off in evidence.taken_off if (off.fact.source, off.fact.id) == known), None
        )
        if station is None:
            return Standing(about, State.NO_EFFECT, "The token was not at that station then.")
        return Standing(about, State.IN_FORCE, f"It took the token off station {station}.")
    return Standing(about, State.IN_FORCE, f"It put the token on station {data.station_serial}.")
