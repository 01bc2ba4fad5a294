"""The fold: from the facts that reach a token to its history. Pure, and the only place where the rules stand.

Rule by rule: `claims` (which line is the token's), `places` (stays on stations), `term` (start and end),
`ownership` (transfers), `anomalies` (gaps); this module puts their answers together.
"""

from collections.abc import Mapping, Sequence
from datetime import date

import msgspec

from lifecycle.anomalies import anomalies_of
from lifecycle.calendar import Calendar
from lifecycle.claims import Claims, claims_of
from lifecycle.facts import (
    Activated,
    Applied,
    OrderVersion,
    ShipmentVersion,
    TokenFacts,
    Transferred,
    Unapplied,
)
from lifecycle.ownership import Owner, Refusal, ownership_of
from lifecycle.places import Place, Stays, stays_of
from lifecycle.subjects import Line, Shipment, Station
from lifecycle.term import Start, term_of

RULES_VERSION = 2
"""Raise it with every change of what the fold makes of the same facts, or of how that is stored.

Stored rows are then due for a rebuild, and workers of an earlier release refuse to write.
"""


class Span(msgspec.Struct, frozen=True, gc=False):
    """A stretch of time, from `starts_at` (microseconds), in which owner and place stay the same."""

    starts_at: int
    owner: Owner | None
    place: Place | None


class History(msgspec.Struct, frozen=True, gc=False):
    """All that the facts say of one token.

    `stages` holds the instant (microseconds) of each row of `lifecycle.stages.STAGES`, None for never. Facts
    stand beside the values that came from them: `version` and `line` for the order's columns, `shipment` for
    the ship date, owner and place in each span, `start` for the term.
    """

    line: Line | None
    version: OrderVersion | None
    shipment: ShipmentVersion | None
    stages: tuple[int | None, ...]
    spans: tuple[Span, ...]
    start: Start | None
    activation_date: date | None
    expiration_date: date | None
    refusals: tuple[Refusal, ...]
    anomalies: tuple[str, ...]

    @property
    def is_reported(self) -> bool:
        """Whether any fact in force puts the token in the report."""
        return self.stages[0] is not None

    def span_at(self, at: int) -> Span | None:
        """The span that holds at an instant."""
        return next((span for span in reversed(self.spans) if span.starts_at <= at), None)

    def next_change(self, after: int) -> int | None:
        """The first instant after `after` at which the row changes, None where it stays."""
        instants = [*self.stages, *(span.starts_at for span in self.spans)]
        return min((instant for instant in instants if instant is not None and instant > after), default=None)


UNREPORTED = History(None, None, None, (None,) * 5, (), None, None, None, (), ())


def fold(
    facts: TokenFacts,
    lines: Mapping[str, Line],
    shipments: Mapping[str, Shipment],
    stations: Mapping[str, Station],
    calendar: Calendar,
) -> History:
    """The history of one token.

    The mappings hold, by key, at least the lines and shipments that `facts` names and the stations of its
    applications. Where no fact in force names the token, the history is not reported (`UNREPORTED`).
    """
    claims = claims_of(facts, lines, shipments)
    if not (facts.own or claims.is_in_report):
        return UNREPORTED
    moves: list[Applied | Unapplied] = []
    activations: list[Activated] = []
    transfers: list[Transferred] = []
    gone_at: int | None = None
    for fact in facts.own:
        if isinstance(fact, (Applied, Unapplied)):
            moves.append(fact)
        elif isinstance(fact, Activated):
            activations.append(fact)
        elif isinstance(fact, Transferred):
            transfers.append(fact)
        elif gone_at is None or fact.instant < gone_at:
            gone_at = fact.instant
    version = claims.version
    stays = stays_of(moves, calendar)
    term = term_of(stays, activations, stations, version, calendar)
    ownership = ownership_of(version, transfers)
    new_at = _first_known(facts, claims, calendar)
    start_at = None if term.start is None else term.start.instant
    ship_midnight = None if claims.shipment is None else calendar.midnight(_date(claims.shipment.ship_date))
    available_at = _earliest(ship_midnight, stays.first_applied_at, start_at)
    return History(
        line=claims.line,
        version=version,
        shipment=claims.shipment,
        stages=(new_at, available_at, start_at, term.ends_at, gone_at),
        spans=_spans(new_at, ownership.owners, stays),
        start=term.start,
        activation_date=term.activation_date,
        expiration_date=term.expiration_date,
        refusals=ownership.refusals,
        anomalies=anomalies_of(facts, claims, stays, term, activations, ownership, lines, shipments),
    )


_date = date.fromordinal


def _earliest(*instants: int | None) -> int | None:
    return min((instant for instant in instants if instant is not None), default=None)


def _first_known(facts: TokenFacts, claims: Claims, calendar: Calendar) -> int:
    """Where New begins: the earliest instant in the facts that name the token, or its order's midnight.

    What an order or a shipment says of a whole document counts by the version in force, cancelled or not.
    `starts_at` is a plan, not a thing that happened, and does not count.
    """
    instants: list[int] = []
    for fact in facts.own:
        instants += fact.instant, fact.time
    for naming in claims.naming_orders:
        instants += naming.time, calendar.midnight(_date(naming.order_date))
    for shipment in claims.naming_shipments:
        instants += shipment.time, calendar.midnight(_date(shipment.ship_date))
    if claims.version is not None:
        instants.append(calendar.midnight(_date(claims.version.order_date)))
    return min(instants)


def _spans(new_at: int, owners: Sequence[tuple[int | None, Owner | None]], stays: Stays) -> tuple[Span, ...]:
    """Owner and place laid over each other. Of changes at one instant the last one holds."""
    owner = owners[0][1]
    if len(owners) == 1 and not stays.changes:
        return (Span(new_at, owner, None),)
    changes: list[tuple[int, bool, Owner | Place | None]]
    changes = [(instant, True, each) for instant, each in owners[1:] if instant is not None]
    changes += [(instant, False, place) for instant, place in stays.changes]
    changes.sort(key=lambda change: change[0])
    spans = [Span(new_at, owner, None)]
    place: Place | None = None
    for instant, is_owner, value in changes:
        if is_owner:
            owner = value  # type: ignore[assignment]
        else:
            place = value  # type: ignore[assignment]
        if spans[-1].starts_at == instant:
            spans.pop()
        if not spans or not _same_cells(spans[-1], owner, place):
            spans.append(Span(instant, owner, place))
    return tuple(spans)


def _same_cells(span: Span, owner: Owner | None, place: Place | None) -> bool:
    same_owner = (span.owner and span.owner.cells) == (owner and owner.cells)
    return same_owner and (span.place and span.place.cells) == (place and place.cells)
