"""The index of the journal: a row an event, where it lies, and whether it was retracted."""

from typing import Any

from lifecycle.recording import Message
from projections.recorder.journal import Known, probe, unpack_segment
from projections.verify.differences import ABSENT, Differences, Instant
from projections.verify.segments import Segment
from schemas.envelope import Event, parse

ROWS_AT_ONCE = 5_000


class EventRows:
    """Compares the rows of `events` with the segments; `retracted` is all that is taken back, with the time."""

    def __init__(self, connection: Any, retracted: dict[bytes, int], differences: Differences) -> None:
        self._connection = connection
        self._retracted = retracted
        self._differences = differences
        self._met = 0
        self._retracted_met: set[bytes] = set()

    async def compare(self, segment: Segment) -> None:
        """Look at the rows of one segment's events."""
        rows = await probe(self._connection, [event.identity for _, event in segment.events])
        for position, event in segment.events:
            thing = f"event {event.source} {event.id}"
            row = rows.get(event.identity)
            if event.identity in self._retracted:
                self._retracted_met.add(event.identity)
            if row is None:
                self._differences.note(thing, "row", ABSENT, f"segment {segment.number}, message {position}")
                continue
            if row.content is not None:
                self._met += 1
            place = (segment.number, position)
            self._differences.compare(thing, "segment and position", (row.segment, row.position), place)
            self._differences.compare(thing, "content", row.content, event.content)
            self._compare_retraction(thing, row, event.identity)

    async def compare_others(self) -> None:
        """Look at the rows that no event of the journal has: placeholders of retractions, and what has no place."""
        unmet = [identity for identity in self._retracted if identity not in self._retracted_met]
        for start in range(0, len(unmet), ROWS_AT_ONCE):
            part = unmet[start : start + ROWS_AT_ONCE]
            rows = await probe(self._connection, part)
            for identity in part:
                self._compare_retraction(
                    f"event {identity.hex()} (retracted, not recorded)", rows.get(identity), identity
                )
        held = await self._connection.fetchrow(
            "select count(content), count(*) filter (where content is null) from events"
        )
        if held[0] != self._met:
            await self._note_misplaced()
        if held[1] != len(unmet):
            await self._note_placeholders(set(unmet))

    def _compare_retraction(self, thing: str, row: Known | None, identity: bytes) -> None:
        stored, derived = None if row is None else row.retracted, self._retracted.get(identity)
        if stored != derived:
            self._differences.note(
                thing,
                "retracted_at",
                None if stored is None else Instant(stored),
                None if derived is None else Instant(derived),
            )

    async def _note_misplaced(self) -> None:
        """Rows whose place holds no event, or another one."""
        async for identity, segment, position, messages in self._connection.cursor(
            """
            select identity, segment, position, messages from events left join segments using (segment)
            where content is not null and (
                messages is null or position is null or position not between 0 and messages - 1
                or exists (
                    select from events as other
                    where other.segment = events.segment and other.position = events.position
                      and other.identity <> events.identity))
            """,
            prefetch=ROWS_AT_ONCE,
        ):
            if messages is None or await self._identity_at(segment, position) != identity:
                place = f"segment {segment}, message {position}"
                self._differences.note(f"event {identity.hex()}", "row", place, ABSENT)

    async def _note_placeholders(self, expected: set[bytes]) -> None:
        async for (identity,) in self._connection.cursor(
            "select identity from events where content is null", prefetch=ROWS_AT_ONCE
        ):
            if identity not in expected:
                self._differences.note(f"event {identity.hex()}", "row", "a retraction names it", ABSENT)

    async def _identity_at(self, segment: int, position: int | None) -> bytes | None:
        body = await self._connection.fetchval("select body from segments where segment = $1", segment)
        messages: list[Message] = unpack_segment(body)
        if position is None or not 0 <= position < len(messages):
            return None
        event = parse(messages[position].value, messages[position].headers)
        return event.identity if isinstance(event, Event) else None
