"""Rule 7: who owns a token, transfer by transfer."""

from collections.abc import Iterable
from dataclasses import dataclass

from tests.reference.facts import OrderVersion, Transferred


@dataclass(frozen=True)
class Owner:
    """An organization; its name as the fact that gave its id says it."""

    org_id: str
    org_name: str | None


@dataclass(frozen=True)
class Refusal:
    """A transfer without effect, and why: `same_org` or `not_owner`."""

    source: str
    id: str
    at: int
    reason: str


@dataclass(frozen=True)
class Ownership:
    """The first owner, each later one with the instant from which it owns, and the transfers refused."""

    first: Owner | None
    later: tuple[tuple[int, Owner], ...]
    refused: tuple[Refusal, ...]

    def at(self, moment: int) -> Owner | None:
        """The owner at the moment."""
        owners = [self.first, *(owner for since, owner in self.later if since <= moment)]
        return owners[-1]


def ownership(order: OrderVersion | None, facts: Iterable[Transferred]) -> Ownership:
    """From the order version in force of the token's line and its unretracted transfers."""
    in_order = sorted(facts, key=lambda fact: (fact.at, fact.source, fact.id))
    first: Owner | None = None
    if order is not None:
        first = Owner(order.org_id, order.org_name)
    elif in_order:
        # Also where there is no line at all, and also one that is itself refused, as `same_org`.
        first = Owner(in_order[0].from_org, None)
    owner = first
    later = []
    refused = []
    for fact in in_order:
        if fact.from_org == fact.to_org:
            refused.append(Refusal(fact.source, fact.id, fact.at, "same_org"))
        elif owner is None or fact.from_org != owner.org_id:
            refused.append(Refusal(fact.source, fact.id, fact.at, "not_owner"))
        else:
            owner = Owner(fact.to_org, fact.to_name)
            later.append((fact.at, owner))
    return Ownership(first, tuple(later), tuple(refused))
