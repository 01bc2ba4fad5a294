"""Who owns a token: the line's organization, then each transfer in own order."""

from collections.abc import Sequence

import msgspec

from lifecycle.facts import OrderVersion, Transferred, in_own_order


class Owner(msgspec.Struct, frozen=True, gc=False):
    """An organization, and the fact that gave it."""

    org_id: str
    org_name: str | None
    given_by: OrderVersion | Transferred

    @property
    def cells(self) -> tuple[str, str | None]:
        """The part that the report shows."""
        return self.org_id, self.org_name


class Refusal(msgspec.Struct, frozen=True, gc=False):
    """A transfer without effect: `same_org`, or `not_owner` where `from_org_id` did not own the token then."""

    transfer: Transferred
    reason: str


class Ownership(msgspec.Struct, frozen=True, gc=False):
    """`owners` in order, each from an instant (microseconds); the first, which may be None, from the beginning."""

    owners: list[tuple[int | None, Owner | None]]
    refusals: tuple[Refusal, ...]


def ownership_of(version: OrderVersion | None, transfers: Sequence[Transferred]) -> Ownership:
    """Walk the transfers. Without an order version, the first transfer's sender is taken for the first owner."""
    owner: Owner | None = None
    if version is not None:
        owner = Owner(version.org_id, version.org_name, version)
    if not transfers:
        return Ownership([(None, owner)], ())
    if len(transfers) > 1:
        transfers = sorted(transfers, key=in_own_order)
    if owner is None:
        owner = Owner(transfers[0].from_org_id, None, transfers[0])
    owners: list[tuple[int | None, Owner | None]] = [(None, owner)]
    refusals: list[Refusal] = []
    for transfer in transfers:
        if transfer.from_org_id == transfer.to_org_id:
            refusals.append(Refusal(transfer, "same_org"))
        elif transfer.from_org_id != owner.org_id:
            refusals.append(Refusal(transfer, "not_owner"))
        else:
            owner = Owner(transfer.to_org_id, transfer.to_org_name, transfer)
            owners.append((transfer.instant, owner))
    return Ownership(owners, tuple(refusals))
