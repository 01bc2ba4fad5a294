"""A page on another site must not have its visitor's browser write here; browsers say where they are."""

from urllib.parse import urlsplit

from fastapi import Request

from projections.http.problems import NOT_FOR_ALL, Problem


def refuse_other_sites(request: Request) -> None:
    """Raise a 403 where a browser says that the request comes from a page of another place."""
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise Problem(403, f"a page of {origin} may not do this", NOT_FOR_ALL)
