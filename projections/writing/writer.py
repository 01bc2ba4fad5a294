"""Carries transfers and applications out: judged, published, and shown by the report."""

import hashlib
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import msgspec
import zstandard

from projections.http.database import ReportDatabase
from projections.publishing.message import NotPublished, Outgoing
from projections.publishing.publisher import Publisher
from projections.query.scope import AllOrganizations, Scope
from projections.writing.applications import application_events, preview_application
from projections.writing.asked import ApplicationItem, TransferItem
from projections.writing.kept_answers import key_held
from projections.writing.outgoing import own_messages, published
from projections.writing.results import (
    ApplicationResult,
    ItemResult,
    PublishedEvent,
    TransferResult,
    Written,
)
from projections.writing.transfers import as_recorded, preview_transfer, transfer_events
from projections.writing.waiting import shown

Result = TypeVar("Result", bound=ItemResult)

_pack = msgspec.msgpack.Encoder().encode
_unpack_events = msgspec.msgpack.Decoder(list[PublishedEvent]).decode


@dataclass(frozen=True, slots=True)
class _Decided(Generic[Result]):
    """What was decided of a request, before it is published."""

    results: list[Result]
    messages: list[Outgoing]


class Writer:
    """Writes by way of Kafka; without a publisher nothing is written, and all can be looked at before.

    `clock` gives now in microseconds.
    """

    def __init__(
        self,
        database: ReportDatabase,
        database_url: str,
        publisher: Publisher | None,
        topic_prefix: str,
        clock: Callable[[], int],
    ) -> None:
        self._database = database
        self._database_url = database_url
        self._publisher = publisher
        self._topic_prefix = topic_prefix
        self._clock = clock

    @property
    def publisher(self) -> Publisher:
        """Where messages go. Raises `NotPublished` where the API was started without Kafka."""
        if self._publisher is None:
            raise NotPublished("this API was started without Kafka (TOKENS_KAFKA)")
        return self._publisher

    @property
    def topic_prefix(self) -> str:
        """What stands before every topic's name."""
        return self._topic_prefix

    async def preview_transfer(self, items: Sequence[TransferItem], scope: Scope) -> list[TransferResult]:
        """What would become of each item, with rows; nothing is written."""
        async with self._database.querying() as connection:
            return await preview_transfer(connection, items, scope, self._clock())

    async def preview_application(
        self, items: Sequence[ApplicationItem], scope: Scope
    ) -> list[ApplicationResult]:
        """What would become of each item, with rows; nothing is written."""
        async with self._database.querying() as connection:
            return await preview_application(connection, items, scope, self._clock())

    async def transfer(
        self,
        items: Sequence[TransferItem],
        scope: Scope,
        *,
        key: str | None = None,
    ) -> Written[TransferResult]:
        """Publish the items that take effect; the results come without rows.

        Under the same `key` the same items are decided once. Raises `NotPublished`, `KeyInProgress`,
        `KeyOfAnother`, `DatabaseAway` and `QueryTooSlow`.
        """

        async def decide() -> _Decided[TransferResult]:
            now, request_id = self._clock(), uuid.uuid4().hex
            async with self._database.querying() as connection:
                results = await preview_transfer(
                    connection, items, scope, now, request_id=request_id, with_rows=False
                )
            named, events = transfer_events(results, request_id)
            return _Decided(named, own_messages(events, now, self._topic_prefix))

        return await self._write(decide, _Decided[TransferResult], items, scope, key)

    async def apply(
        self,
        items: Sequence[ApplicationItem],
        scope: Scope,
        *,
        key: str | None = None,
    ) -> Written[ApplicationResult]:
        """Publish the items that take effect, as `transfer` does."""

        async def decide() -> _Decided[ApplicationResult]:
            now, request_id = self._clock(), uuid.uuid4().hex
            async with self._database.querying() as connection:
                results = await preview_application(
                    connection, items, scope, now, request_id=request_id, with_rows=False
                )
            named, events = application_events(results, request_id)
            return _Decided(named, own_messages(events, now, self._topic_prefix))

        return await self._write(decide, _Decided[ApplicationResult], items, scope, key)

    async def wait(self, written: Written[Result], seconds: float) -> Written[Result]:
        """The same, once the report shows it, or after `seconds`; `is_shown` tells which.

        Once it does, a transfer that came too late is refused among the results, as it is in the report.
        """
        is_shown, events = await self.wait_for(written.events, seconds)
        results = written.results
        if is_shown:
            async with self._database.querying() as connection:
                results = await as_recorded(connection, results)
        return replace(written, results=results, events=events, is_shown=is_shown)

    async def wait_for(
        self, events: Sequence[PublishedEvent], seconds: float
    ) -> tuple[bool, list[PublishedEvent]]:
        """Whether all of them were recorded within `seconds`, and the events with the dead letters they became."""
        return await shown(self._database, events, seconds)

    async def _write(
        self,
        decide: Callable[[], Awaitable[_Decided[Result]]],
        decided_type: type[_Decided[Result]],
        items: Sequence[TransferItem] | Sequence[ApplicationItem],
        scope: Scope,
        key: str | None,
    ) -> Written[Result]:
        publisher = self.publisher
        if key is None:
            decided = await decide()
            events = await published(publisher, decided.messages)
            return Written(decided.results, events, is_shown=not events)
        async with key_held(self._database_url, key, _fingerprint(items, scope)) as kept:
            if kept.decided is None:
                decided = await decide()
                await kept.keep_decided(zstandard.compress(_pack(decided)))
            else:
                decided = msgspec.msgpack.decode(zstandard.decompress(kept.decided), type=decided_type)
            if kept.published is None:
                events = await published(publisher, decided.messages)
                await kept.keep_published(_pack(events))
            else:
                events = _unpack_events(kept.published)
        return Written(decided.results, events, is_shown=not events)


def _fingerprint(items: Sequence[TransferItem] | Sequence[ApplicationItem], scope: Scope) -> bytes:
    """Equal for equal requests of one who sees the same organizations; the two kinds of items have other fields."""
    seen = None if isinstance(scope, AllOrganizations) else sorted(scope.org_ids)
    return hashlib.blake2b(_pack([seen, list(items)]), digest_size=16).digest()
