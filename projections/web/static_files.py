"""The stylesheet, the scripts and the icon, under a path that changes with their content."""

import hashlib
from functools import cache
from pathlib import Path

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.responses import Response

_FOLDER = Path(__file__).parent / "static"
_MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@cache
def _files() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(_FOLDER.iterdir()) if path.suffix in _MEDIA_TYPES}


@cache
def _digest() -> str:
    content = hashlib.blake2b(digest_size=8)
    for name, body in _files().items():
        content.update(name.encode() + b"\0" + body)
    return content.hexdigest()


def static_path(name: str) -> str:
    """Where a file is. All have one digest in their path, so that scripts which import each other agree."""
    return f"/static/{_digest()}/{name}"


def static_routes() -> APIRouter:
    """`GET /static/{digest}/{name}`."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/static/{digest}/{name}")
    async def static_file(digest: str, name: str) -> Response:
        body = _files().get(name)
        if body is None:
            raise HTTPException(404)
        # A page from before an upgrade asks for files that are gone: it gets the new ones, but must not keep them.
        caching = "public, max-age=31536000, immutable" if digest == _digest() else "no-store"
        headers = {"Cache-Control": caching, "X-Content-Type-Options": "nosniff"}
        return Response(body, headers=headers, media_type=_MEDIA_TYPES[Path(name).suffix])

    return routes
