"""Transfers: what would become of each token by the rules, and the events that say so."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from lifecycle.cells import row_at
from lifecycle.facts import Transferred
from lifecycle.fold import History
from lifecycle.ownership import Owner
from projections.query.scope import Scope, is_in_scope
from projections.writing.asked import TransferItem
from projections.writing.judging import (
    SOURCE,
    Refused,
    future_caution,
    is_same,
    known_token,
    organization,
    owner_before,
    refuse_foreign,
    refuse_gone,
)
from projections.writing.known import Known, KnownToken, read_known
from projections.writing.results import Caution, Result, TransferResult
from schemas.instants import format_instant

if TYPE_CHECKING:
    from projections.query.database import Reader

TYPE = "servicetokens.token.transferred.v1"
# 10,000 serials of the longest kind would be more than a message may have.
SERIALS_AN_EVENT = 5_000


async def preview_transfer(
    connection: "Reader",
    items: Sequence[TransferItem],
    scope: Scope,
    now: int,
    *,
    request_id: str = "",
    with_rows: bool = True,
) -> list[TransferResult]:
    """What becomes of each item, in their order, by all that is recorded; `now` is in microseconds.

    `request_id` is what the ids of the events begin with, where they are to be made.
    """
    known = await read_known(connection, {item.token_serial for item in items})
    return await asyncio.to_thread(_judge_all, items, known, scope, now, request_id, with_rows)


async def as_recorded(connection: "Reader", results: Sequence[Result]) -> list[Result]:
    """The results once their events are recorded: what others recorded meanwhile may refuse an accepted transfer."""
    accepted = {
        each.token_serial for each in results if each.is_accepted and isinstance(each, TransferResult)
    }
    if not accepted:
        return list(results)
    known = await read_known(connection, accepted)
    return await asyncio.to_thread(lambda: [_as_recorded(result, known) for result in results])


def transfer_events(
    results: Sequence[TransferResult], request_id: str
) -> tuple[list[TransferResult], list[dict[str, object]]]:
    """The results with the ids of the events that say them, and the events' ids, types and data.

    What goes from one organization to another at one instant goes in one event, as far as that may be.
    """
    groups: dict[tuple[str | None, str, str, int], list[list[int]]] = {}
    for index, result in enumerate(results):
        if result.is_accepted:
            to = (result.from_org_id, result.to_org_id, result.to_org_name, result.transferred_at)
            parts = groups.setdefault(to, [[]])
            if len(parts[-1]) == SERIALS_AN_EVENT:
                parts.append([])
            parts[-1].append(index)
    named = list(results)
    events: list[dict[str, object]] = []
    for (from_org_id, to_org_id, to_org_name, at), parts in groups.items():
        for part in parts:
            event_id = f"{request_id}/{len(events) + 1}"
            data = {
                "token_serials": [results[index].token_serial for index in part],
                "from_org_id": from_org_id,
                "to_org_id": to_org_id,
                "to_org_name": to_org_name,
                "transferred_at": format_instant(at),
            }
            events.append({"id": event_id, "type": TYPE, "data": data})
            for index in part:
                named[index] = replace(results[index], event_id=event_id)
    return named, events


def _judge_all(
    items: Sequence[TransferItem], known: Known, scope: Scope, now: int, request_id: str, with_rows: bool
) -> list[TransferResult]:
    before_it: set[str] = set()
    results = []
    for item in items:
        at = now if item.transferred_at is None else item.transferred_at
        try:
            token = known_token(item.token_serial, known, before_it)
            fact = Transferred(
                at, now, SOURCE, request_id, item.from_org_id or "", item.to_org_id, item.to_org_name
            )
            results.append(_judge(item, fact, token, known, scope, with_rows))
        except Refused as refused:
            results.append(_refused(item, at, refused))
        before_it.add(item.token_serial)
    return results


def _judge(
    item: TransferItem, fact: Transferred, token: KnownToken, known: Known, scope: Scope, with_rows: bool
) -> TransferResult:
    at, now = fact.instant, fact.time
    before = known.history(token)
    refuse_foreign(item.token_serial, before, token, scope, now)
    owner = owner_before(before, token, fact)
    if item.from_org_id is None:
        if owner is None:
            raise Refused(
                "no_owner",
                f"nobody knows who owns {item.token_serial} yet: say from whom it goes in `from_org_id`",
            )
        fact = _from(owner.org_id, fact)
    if not is_in_scope(scope, None if owner is None else owner.org_id):
        # Dated back, it would take the token from the one who owned it then.
        raise Refused("not_owner", f"another organization owned {item.token_serial} at {format_instant(at)}")
    refuse_gone(item.token_serial, before, at)
    after = known.history(token, fact)
    _refuse_without_effect(item, fact, owner, before, after)
    shown_at = max(at, now)
    name = owner.org_name if owner is not None and owner.org_id == fact.from_org_id else None
    return TransferResult(
        token_serial=item.token_serial,
        reason=None,
        message=f"goes from {organization(fact.from_org_id, name)} "
        f"to {organization(fact.to_org_id, fact.to_org_name)} at {format_instant(at)}",
        cautions=(*_cautions(fact, before, after, shown_at), *future_caution(at, now)),
        from_org_id=fact.from_org_id,
        from_org_name=name,
        to_org_id=item.to_org_id,
        to_org_name=item.to_org_name,
        transferred_at=at,
        before=row_at(item.token_serial, before, shown_at) if with_rows else None,
        after=row_at(item.token_serial, after, shown_at) if with_rows else None,
    )


def _as_recorded(result: Result, known: Known) -> Result:
    token = known.tokens.get(result.token_serial)
    if token is None or not result.is_accepted or not isinstance(result, TransferResult):
        return result
    for refusal in known.history(token).refusals:
        if (refusal.transfer.source, refusal.transfer.id) == (SOURCE, result.event_id):
            message = (
                f"an event about {result.token_serial} was recorded meanwhile, by which {refusal.transfer.from_org_id} "
                f"could not hand it over at {format_instant(result.transferred_at)}"
            )
            return replace(result, reason=refusal.reason, message=message, cautions=())
    return result


def _from(org_id: str, fact: Transferred) -> Transferred:
    return Transferred(
        fact.instant, fact.time, fact.source, fact.id, org_id, fact.to_org_id, fact.to_org_name
    )


def _refuse_without_effect(
    item: TransferItem, fact: Transferred, owner: Owner | None, before: History, after: History
) -> None:
    """As the fold refuses it, with its reason."""
    reason = next((each.reason for each in after.refusals if each.transfer is fact), None)
    if reason == "same_org":
        raise Refused(
            reason, f"{item.token_serial} would go from {item.to_org_id} to {item.to_org_id} itself", owner
        )
    if reason is not None:
        assert owner is not None, "without one, the first transfer's sender is taken for the owner"
        message = (
            f"{item.token_serial} is owned by {organization(*owner.cells)} "
            f"at {format_instant(fact.instant)}, not by {fact.from_org_id}"
        )
        raise Refused(reason, message, owner)
    if is_same(before, after):
        raise Refused("no_change", f"another transfer of {item.token_serial} at that very instant counts")


def _cautions(fact: Transferred, before: History, after: History, shown_at: int) -> tuple[Caution, ...]:
    found = []
    refused_before = {refusal.transfer for refusal in before.refusals}
    for refusal in after.refusals:
        each = refusal.transfer
        if each not in refused_before:
            sentence = (
                f"the transfer from {each.from_org_id} to {each.to_org_id} at {format_instant(each.instant)} "
                "has no effect any more"
            )
            found.append(Caution("undoes", sentence))
    shown = after.span_at(shown_at)
    if shown is not None and shown.owner is not None and shown.owner.given_by is not fact:
        sentence = f"later transfers make {organization(*shown.owner.cells)} the owner"
        found.append(Caution("superseded", sentence))
    return tuple(found)


def _refused(item: TransferItem, at: int, refused: Refused) -> TransferResult:
    owner = refused.owner
    return TransferResult(
        token_serial=item.token_serial,
        reason=refused.reason,
        message=str(refused),
        from_org_id=item.from_org_id if owner is None else owner.org_id,
        from_org_name=None if owner is None else owner.org_name,
        to_org_id=item.to_org_id,
        to_org_name=item.to_org_name,
        transferred_at=at,
    )
