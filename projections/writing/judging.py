"""What transfers and applications are judged by alike: who may, whether the token is there, what is different."""

from collections.abc import Collection

from lifecycle.cells import span_cells
from lifecycle.facts import Transferred, in_own_order
from lifecycle.fold import History
from lifecycle.ownership import Owner, ownership_of
from lifecycle.stages import GONE
from projections.query.scope import Scope, is_in_scope
from projections.writing.known import Known, KnownToken
from projections.writing.results import Caution
from schemas.instants import format_instant

SOURCE = "urn:servicetokens:api"
"""The `source` of the events that the API makes."""


class Refused(Exception):
    """Raised while one item is judged, and caught where that began.

    `reason` is a key of `REASONS`; `owner` is who owns the token then, where that is what stands in the way.
    """

    def __init__(self, reason: str, message: str, owner: Owner | None = None) -> None:
        super().__init__(message)
        self.reason = reason
        self.owner = owner


def known_token(serial: str, known: Known, before_it: Collection[str]) -> KnownToken:
    """The token of an item; `before_it` are the serials of the items before. Raises `Refused`."""
    if serial in before_it:
        raise Refused("repeated_serial", f"{serial} stands in the request before; that item counts")
    token = known.tokens.get(serial)
    if token is None:
        raise _unknown(serial)
    return token


def refuse_foreign(serial: str, history: History, token: KnownToken, scope: Scope, now: int) -> None:
    """Raise `Refused` where the one who asks may not see the token now, or nobody can: as if it were not there."""
    owner = owner_at(history, token, now)
    if not is_in_scope(scope, None if owner is None else owner.org_id):
        raise _unknown(serial)
    if not history.is_reported:
        message = f"what names {serial} was taken back or replaced, so that it is in no report"
        raise Refused("not_in_force", message)


def refuse_gone(serial: str, history: History, at: int) -> None:
    """Raise `Refused` where the token was returned by an instant (microseconds)."""
    gone_at = history.stages[GONE]
    if gone_at is not None and gone_at <= at:
        raise Refused("gone", f"{serial} was returned at {format_instant(gone_at)}")


def owner_at(history: History, token: KnownToken, at: int) -> Owner | None:
    """Who owns a token at an instant (microseconds), returned or not."""
    owners = ownership_of(history.version, transfers_of(token)).owners
    return [owner for instant, owner in owners if instant is None or instant <= at][-1]


def owner_before(history: History, token: KnownToken, transfer: Transferred) -> Owner | None:
    """Who owns a token when a transfer that it does not have yet is decided, in own order."""
    earlier = [each for each in transfers_of(token) if in_own_order(each) < in_own_order(transfer)]
    if not earlier:
        return ownership_of(history.version, transfers_of(token)).owners[0][1]
    return ownership_of(history.version, earlier).owners[-1][1]


def transfers_of(token: KnownToken) -> list[Transferred]:
    """The transfers of a token, in own order, refused ones included."""
    return [fact for fact in token.facts.own if isinstance(fact, Transferred)]


def is_same(before: History, after: History) -> bool:
    """Whether no report at any instant could tell two histories apart."""
    return _seen(before) == _seen(after)


def future_caution(at: int, now: int) -> tuple[Caution, ...]:
    """That an event holds from an instant to come, where it does."""
    return (Caution("future", f"it holds from {format_instant(at)} on"),) if at > now else ()


def organization(org_id: str, org_name: str | None) -> str:
    """An organization in a sentence."""
    return org_id if org_name is None else f"{org_name} ({org_id})"


def _seen(history: History) -> tuple[object, ...]:
    spans = [(span.starts_at, span_cells(span)) for span in history.spans]
    return spans, history.stages, history.expiration_date, history.anomalies


def _unknown(serial: str) -> Refused:
    return Refused("unknown_token", f"no event that you may see names a service token {serial}")
