"""Whose tokens a question may see. It comes from the credential alone, never from a parameter."""

from dataclasses import dataclass

from projections.query.arguments import Arguments


@dataclass(frozen=True, slots=True)
class AllOrganizations:
    """Every token, those without a known owner included."""


@dataclass(frozen=True, slots=True)
class Organizations:
    """The tokens that one of these organizations owns at the instant asked about."""

    org_ids: frozenset[str]


Scope = AllOrganizations | Organizations


def scope_condition(scope: Scope, arguments: Arguments) -> str | None:
    """The condition on a row of the report, or None where every row is in scope."""
    if isinstance(scope, AllOrganizations):
        return None
    return f"org_id = any({arguments.bind(sorted(scope.org_ids), 'text[]')})"


def is_in_scope(scope: Scope, org_id: str | None) -> bool:
    """The same of one token, whose owner at the instant asked about is known (None: has none)."""
    return isinstance(scope, AllOrganizations) or org_id in scope.org_ids
