"""What was asked under an Idempotency-Key: decided once, published until the broker has it, answered ever after.

As the IETF's draft of the header has it. A key is held by a lock of its session, which is gone with whoever held
it: what was decided is stored before anything is published, and one who asks again publishes that again, which
changes nothing where it was published before.
"""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import asyncpg

from projections.query.database import CONNECT_TIMEOUT_S, database_errors, reader_settings

if TYPE_CHECKING:
    from projections.query.database import Reader

KEPT_HOURS = 48
STATEMENT_TIMEOUT_S = 30.0


class KeyInProgress(Exception):
    """Someone is being answered under the key at this moment."""

    def __init__(self, key: str) -> None:
        super().__init__(
            f"a request with the Idempotency-Key {key!r} is being worked on; ask again for its answer"
        )


class KeyOfAnother(Exception):
    """The key was used for another request."""

    def __init__(self, key: str) -> None:
        super().__init__(
            f"the Idempotency-Key {key!r} was used for another request within the last {KEPT_HOURS} hours; "
            "choose a new one for each request, and send the old one with the old body alone"
        )


class KeptAnswer:
    """What is stored under a key that this session holds."""

    def __init__(
        self, connection: "Reader", key: str, decided: bytes | None, published: bytes | None
    ) -> None:
        self._connection = connection
        self._key = key
        self.decided = decided
        self.published = published

    async def keep_decided(self, decided: bytes) -> None:
        """Store what was decided, before it is published."""
        await self._connection.execute(
            "update kept_answers set decided = $2 where idempotency_key = $1", self._key, decided
        )

    async def keep_published(self, published: bytes) -> None:
        """Store where the broker has it."""
        await self._connection.execute(
            "update kept_answers set published = $2 where idempotency_key = $1", self._key, published
        )


@asynccontextmanager
async def key_held(database_url: str, key: str, fingerprint: bytes) -> AsyncIterator[KeptAnswer]:
    """Hold a key for the request of that fingerprint. What was stored `KEPT_HOURS` ago is gone.

    Raises `KeyInProgress`, `KeyOfAnother`, `DatabaseAway` and `QueryTooSlow`.
    """
    async with _connected(database_url) as connection:
        if not await connection.fetchval("select pg_try_advisory_lock($1)", _lock_of(key)):
            raise KeyInProgress(key)
        await connection.execute(
            "delete from kept_answers where asked_at < clock_timestamp() - make_interval(hours => $1)",
            KEPT_HOURS,
        )
        await connection.execute(
            "insert into kept_answers (idempotency_key, fingerprint) values ($1, $2) on conflict do nothing",
            key,
            fingerprint,
        )
        row = await connection.fetchrow(
            "select fingerprint, decided, published from kept_answers where idempotency_key = $1", key
        )
        assert row is not None, "it was stored, and nobody else can take it away within hours"
        if row["fingerprint"] != fingerprint:
            raise KeyOfAnother(key)
        yield KeptAnswer(connection, key, row["decided"], row["published"])


@asynccontextmanager
async def _connected(database_url: str) -> AsyncIterator["Reader"]:
    """A session of one's own: with its end, locks that it holds are let go."""
    async with database_errors():
        connection = await asyncpg.connect(
            database_url,
            timeout=CONNECT_TIMEOUT_S,
            server_settings={
                **reader_settings(STATEMENT_TIMEOUT_S),
                "application_name": "service-tokens writer",
                "default_transaction_read_only": "off",
            },
            statement_cache_size=0,
        )
        try:
            yield connection
        except BaseException:
            connection.terminate()
            raise
        await connection.close(timeout=CONNECT_TIMEOUT_S)


def _lock_of(key: str) -> int:
    """A number of 64 bits; other locks of the service have two numbers each, or a small one."""
    digest = hashlib.blake2b(key.encode(), digest_size=8, person=b"idempotency-key").digest()
    return int.from_bytes(digest, "big", signed=True)
