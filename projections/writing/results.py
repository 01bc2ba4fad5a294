"""What becomes of each item of a transfer or an application, and of the whole.

An item is judged by the fold itself: its fact is added to those of the token in memory, and the two histories are
compared. Instants are microseconds since 1970 in UTC.
"""

from dataclasses import dataclass
from typing import Generic, TypeVar

from schemas.instants import format_instant

Row = dict[str, object]
"""A row of the report as the API shows it."""

REASONS: dict[str, str] = {
    "unknown_token": "no event that you may see names a service token of this serial",
    "not_in_force": "what names the token was taken back or replaced, so that it is in no report",
    "repeated_serial": "the request names the token twice; the first time counts",
    "gone": "the token was returned by then",
    "same_org": "the organization that is to get the token owns it already",
    "not_owner": "another organization owns the token at that instant",
    "no_owner": "nobody knows who owns the token: say it in `from_org_id`",
    "no_change": "nothing in the report would be different",
}
"""Every reason for which an item is refused; nothing is published about it."""

WARNINGS: dict[str, str] = {
    "moves": "the token is on another station, and leaves it",
    "expired": "the term of the token is over by then, so that it covers nothing",
    "superseded": "a later event about the token decides what the report shows now",
    "undoes": "a later transfer of the token, which had an effect, has none any more",
    "future": "it holds from an instant that is yet to come",
}
"""Everything that one who writes may want to know of an item that takes effect."""


@dataclass(frozen=True, slots=True)
class Caution:
    """One of `WARNINGS`, and that in a sentence about this token."""

    warning: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemResult:
    """One item, in the order of the request.

    `reason` is a key of `REASONS` where it is refused, else None: it takes effect. `message` says what happens, or
    why not. `before` and `after` are the token's row as the report shows it once the event holds: without it and
    with it; None where the token is in no report. `event_id` names the event that says it, once there is one.
    """

    token_serial: str
    reason: str | None
    message: str
    cautions: tuple[Caution, ...] = ()
    event_id: str | None = None
    before: Row | None = None
    after: Row | None = None

    @property
    def is_accepted(self) -> bool:
        """Whether it takes effect."""
        return self.reason is None

    def as_json(self, *, with_rows: bool) -> Row:
        """An object of plain values. The rows are for those who look before they write."""
        shown: Row = {
            "token_serial": self.token_serial,
            "outcome": "accepted" if self.is_accepted else "refused",
            "reason": self.reason,
            "message": self.message,
            "warnings": [{"warning": each.warning, "message": each.message} for each in self.cautions],
            "event_id": self.event_id,
            **self._own_fields(),
        }
        return {**shown, "before": self.before, "after": self.after} if with_rows else shown

    def _own_fields(self) -> Row:
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferResult(ItemResult):
    """A token that goes, or does not, from one organization to another; to undo it, swap the two."""

    from_org_id: str | None
    from_org_name: str | None
    to_org_id: str
    to_org_name: str
    transferred_at: int

    def _own_fields(self) -> Row:
        return {
            "from_org_id": self.from_org_id,
            "from_org_name": self.from_org_name,
            "to_org_id": self.to_org_id,
            "to_org_name": self.to_org_name,
            "transferred_at": format_instant(self.transferred_at),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationResult(ItemResult):
    """A token that is, or is not, put on a station.

    `from_station_serial` is where it is until then. The term is as it comes out with this application; None
    where nothing known starts it yet.
    """

    station_serial: str
    station_name: str | None
    evse_id: str | None
    applied_at: int
    starts_at: int | None
    from_station_serial: str | None
    from_station_name: str | None
    term_starts_at: int | None
    expiration_date: str | None

    def _own_fields(self) -> Row:
        return {
            "station_serial": self.station_serial,
            "station_name": self.station_name,
            "evse_id": self.evse_id,
            "applied_at": format_instant(self.applied_at),
            "starts_at": None if self.starts_at is None else format_instant(self.starts_at),
            "from_station_serial": self.from_station_serial,
            "from_station_name": self.from_station_name,
            "term_starts_at": None if self.term_starts_at is None else format_instant(self.term_starts_at),
            "expiration_date": self.expiration_date,
        }


@dataclass(frozen=True, slots=True)
class PublishedEvent:
    """An event that the broker has, and where; the topic's name includes the prefix.

    `dead_letter` is the number of the dead letter that it became, as far as is known when the answer is given.
    """

    source: str
    id: str
    type: str
    topic: str
    partition: int
    offset: int
    dead_letter: int | None = None


Result = TypeVar("Result", bound=ItemResult)


@dataclass(frozen=True, slots=True)
class Written(Generic[Result]):
    """What became of a whole request. `is_shown` where the report was seen to have all of it."""

    results: list[Result]
    events: list[PublishedEvent]
    is_shown: bool

    @property
    def accepted(self) -> int:
        """How many items take effect."""
        return sum(result.is_accepted for result in self.results)
