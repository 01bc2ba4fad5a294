"""The bodies of requests: so many bytes at most, within a time, and so many of them at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Request

from projections.http.problems import Problem, unavailable
from schemas.headers import is_json

BODY_SECONDS = 30
AT_ONCE = 4
PATIENCE_SECONDS = 30


class Room:
    """Where bodies are while they are read and worked on: `AT_ONCE` of them, so that memory stays bounded."""

    def __init__(self) -> None:
        self._places = asyncio.Semaphore(AT_ONCE)

    @asynccontextmanager
    async def taken(self) -> AsyncIterator[None]:
        """A place; waits for one, and answers 503 where none gets free."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._places.acquire()
        except TimeoutError:
            raise unavailable("as much is being written as can be at once; try again later") from None
        try:
            yield
        finally:
            self._places.release()


async def bounded_body(request: Request, max_bytes: int) -> bytes:
    """The whole body. Raises `Problem` where it is too large, or comes too slowly."""
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > max_bytes:
                    raise Problem(413, f"a body of this call has at most {max_bytes:,} bytes")
    except TimeoutError:
        raise Problem(408, f"the body was not there within {BODY_SECONDS} s") from None
    return bytes(body)


async def json_body(request: Request, max_bytes: int) -> bytes:
    """A body that is said to be JSON. Raises `Problem`."""
    content_type = request.headers.get("content-type")
    if content_type is None or not is_json(content_type):
        raise Problem(415, f"send application/json, not {content_type or 'a body of no type'}")
    return await bounded_body(request, max_bytes)
