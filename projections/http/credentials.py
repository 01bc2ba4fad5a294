"""Who is asking. The one place where a request's scope comes from."""

from fastapi import Request

from projections.http.problems import NOT_FOR_ALL, Problem
from projections.query.scope import AllOrganizations, Scope


def organizations_in_scope(_: Request) -> Scope:
    """All organizations: the API listens where its operators alone reach it, and knows no credentials."""
    return AllOrganizations()


def require_all_organizations(request: Request, what: str) -> None:
    """Raise a 403 for those who see some organizations alone; `what` is it that they may not, in the plural."""
    if not isinstance(organizations_in_scope(request), AllOrganizations):
        raise Problem(403, f"{what} are for those who see all organizations", NOT_FOR_ALL)
