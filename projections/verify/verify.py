"""One snapshot verified: the goes through the journal, and what is compared after each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import asyncpg

from lifecycle.calendar import Calendar
from projections.fold_version import why_rebuild_is_due
from projections.local_dates import offsets_of
from projections.migrate import check_schema
from projections.recorder.connection import count_in_microseconds
from projections.verify.differences import ABSENT, Difference, Differences
from projections.verify.event_rows import EventRows
from projections.verify.kept_names import note_names_not_kept
from projections.verify.order_rows import compare_order_rows, note_lines_without_row
from projections.verify.partition import Part, SubjectsOfPart, TokensOfPart
from projections.verify.segments import segments
from projections.verify.subject_rows import compare_subjects
from projections.verify.token_rows import TokenRows, Versions, versions_of
from schemas.envelope import event_identity
from schemas.events import EventRetracted

# About 5 KB a token with the subjects and events of two parts: a gigabyte and a little.
TOKENS_A_PASS = 200_000
EVENTS_A_PASS = 1_000_000


@dataclass(frozen=True)
class Verified:
    """What was found: `differences` are the first of `count`.

    `not_folded` rows are of other rules or time-zone data, so that their cells could not be compared.
    """

    tokens: int
    events: int
    passes: int
    differences: list[Difference]
    count: int
    not_folded: int
    rebuild_due: str | None


async def verify(
    database_url: str,
    calendar: Calendar,
    clock: Callable[[], int],
    *,
    passes: int | None = None,
    limit: int = 100,
    on_progress: Callable[[int, int], None] = lambda _, __: None,
) -> Verified:
    """Derive everything from the journal and compare it with what is stored, in one snapshot.

    `clock` gives now in microseconds. More `passes` take less memory and longer; None: as many as the number of
    tokens and events asks for. The first `limit` differences are kept. `on_progress` hears how many events were
    read, of how many. Raises `SchemaMismatch`.
    """
    connection = await asyncpg.connect(
        database_url,
        timeout=10,
        server_settings={"application_name": "tokens verify", "timezone": "UTC", "jit": "off"},
    )
    try:
        await count_in_microseconds(connection)
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            await check_schema(connection)
            due = await why_rebuild_is_due(connection, calendar)
            verification = _Verification(connection, clock(), limit, on_progress)
            return await verification.run(passes, due)
    finally:
        connection.terminate()


class _Verification:
    """One go through the journal more than there are parts: each applies a part's events, and looks for the next's."""

    def __init__(
        self, connection: Any, now: int, limit: int, on_progress: Callable[[int, int], None]
    ) -> None:
        self._connection = connection
        self._now = now
        self._on_progress = on_progress
        self._differences = Differences(limit)
        self._retracted: dict[bytes, int] = {}
        self._events = 0
        self._read = 0
        self._to_read = 0

    async def run(self, passes: int | None, due: str | None) -> Verified:
        counted = await self._connection.fetchrow(
            "select (select count(*) from tokens), (select coalesce(sum(messages), 0) from segments)"
        )
        if passes is None:
            passes = 1 + max(counted[0] // TOKENS_A_PASS, counted[1] // EVENTS_A_PASS)
        self._to_read = counted[1] * (passes + 1)
        versions = await versions_of(self._connection)
        tokens = not_folded = 0
        looking = TokensOfPart(Part(0, passes))
        await self._look_first(looking)
        for number in range(passes):
            applying, looking = looking, TokensOfPart(Part(number + 1, passes))
            rows = await self._pass(applying, looking if number + 1 < passes else None, versions)
            tokens += rows.compared
            not_folded += rows.not_folded
        await self._look_for_spans_without_token()
        if versions.is_rebuilt:
            await note_lines_without_row(self._connection, self._differences)
        if not self._differences.count and not not_folded:
            await note_names_not_kept(self._connection, self._differences)
        await self._compare_local_offsets(versions)
        return Verified(
            tokens,
            self._events,
            passes,
            self._differences.first,
            self._differences.count,
            not_folded,
            due,
        )

    async def _look_first(self, looking: TokensOfPart) -> None:
        """Judge the segments themselves; find all retractions, and the subjects of the first part."""
        async for segment in segments(self._connection, self._differences):
            for _, event in segment.events:
                looking.look(event)
                if type(event.data) is EventRetracted:
                    target = event_identity(event.data.event_source, event.data.event_id)
                    self._retracted[target] = min(event.time, self._retracted.get(target, event.time))
            self._events += len(segment.events)
            self._advance(segment.messages)

    async def _pass(
        self, applying: TokensOfPart, looking: TokensOfPart | None, versions: Versions
    ) -> TokenRows:
        subjects = SubjectsOfPart(applying.part)
        event_rows = None
        if applying.part.number == 0:
            event_rows = EventRows(self._connection, self._retracted, self._differences)
        applying.begin()
        async for segment in segments(self._connection, None):
            for _, event in segment.events:
                retracted = self._retracted.get(event.identity)
                applying.apply(event, retracted)
                subjects.apply(event, retracted)
                if looking is not None:
                    looking.look(event)
            applying.forget_causes()
            subjects.forget_changes()
            if event_rows is not None:
                await event_rows.compare(segment)
            self._advance(segment.messages)
        if event_rows is not None:
            await event_rows.compare_others()
        await compare_subjects(self._connection, subjects, self._differences)
        if versions.is_rebuilt:
            await compare_order_rows(self._connection, subjects, self._differences)
        rows = TokenRows(self._connection, applying, versions, self._now, self._differences)
        await rows.compare()
        return rows

    async def _look_for_spans_without_token(self) -> None:
        async for (serial,) in self._connection.cursor(
            """
            select distinct token_serial from spans
            where not exists (select from tokens where tokens.token_serial = spans.token_serial)
            """
        ):
            self._differences.note(f"token {serial}", "spans", "stored", ABSENT)

    async def _compare_local_offsets(self, versions: Versions) -> None:
        """The zone of the newest version, where this process knows it."""
        calendar = None if versions.newest is None else versions.calendars.get(versions.newest)
        if calendar is not None:
            stored = await self._connection.fetch(
                "select from_at, ahead from local_offsets where fold_version = $1 order by from_at",
                versions.newest,
            )
            expected = list(offsets_of(calendar.zone_name))
            self._differences.compare(
                "local dates", f"offsets of {calendar.zone_name}", list(map(tuple, stored)), expected
            )

    def _advance(self, messages: int) -> None:
        self._read += messages
        self._on_progress(self._read, self._to_read)
