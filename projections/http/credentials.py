"""Who is asking. The one place where a request's scope comes from."""

from fastapi import Request

from projections.query.scope import AllOrganizations, Scope


def organizations_in_scope(_: Request) -> Scope:
    """All organizations: the API listens where its operators alone reach it, and knows no credentials."""
    return AllOrganizations()
