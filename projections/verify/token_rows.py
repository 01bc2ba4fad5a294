"""Token rows and their earlier spans: every column that is stored, beside the fold of what the journal says."""

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any, NamedTuple

import msgspec

from lifecycle.calendar import TIME_ZONE_DATA_VERSION, Calendar
from lifecycle.due import due_of
from lifecycle.facts import TokenFacts, in_own_order, unpack_token
from lifecycle.fold import RULES_VERSION, History, fold
from projections.recorder.announcements import status_changed
from projections.recorder.tokens import CELLS, COLUMNS, SPAN_COLUMNS, rows_of
from projections.stored_rows import StoredRow, with_spans
from projections.verify.differences import ABSENT, Differences, Instant
from projections.verify.partition import Part, TokensOfPart

ROWS_AT_ONCE = 1_000


class Versions(NamedTuple):
    """The fold's versions that rows may have; `calendars` of those that this process can fold with."""

    newest: int | None
    is_rebuilt: bool
    calendars: Mapping[int, Calendar]


async def versions_of(connection: Any) -> Versions:
    """All versions, the newest last."""
    rows = await connection.fetch(
        """
        select fold_version, rules, zone, time_zone_data, rebuilt_at is not null from fold_versions
        order by registered
        """
    )
    if not rows:
        return Versions(None, True, {})
    own = (RULES_VERSION, TIME_ZONE_DATA_VERSION)
    calendars = {row[0]: Calendar(row[2]) for row in rows if (row[1], row[3]) == own}
    return Versions(rows[-1][0], rows[-1][4], calendars)


class TokenRows:
    """Compares a part's tokens. `now` (microseconds) is an instant after the snapshot was taken."""

    def __init__(
        self,
        connection: Any,
        tokens: TokensOfPart,
        versions: Versions,
        now: int,
        differences: Differences,
    ) -> None:
        self._connection = connection
        self._tokens = tokens
        self._versions = versions
        self._now = now
        self._differences = differences
        self.compared = 0
        self.not_folded = 0

    async def compare(self) -> None:
        """Compare all rows, then look at the tokens that have none."""
        part = self._tokens.part
        rows: list[Sequence[Any]] = []
        async for row in self._connection.cursor(
            f"select {', '.join(COLUMNS)} from tokens where {Part.condition('token_serial')}",
            part.of,
            part.number,
            prefetch=ROWS_AT_ONCE,
        ):
            rows.append(row)
            if len(rows) == ROWS_AT_ONCE:
                await self._compare(rows)
                rows.clear()
        await self._compare(rows)
        for serial in sorted(self._tokens.workspace.changes):
            # Those of the rows compared were taken out.
            self._differences.note(f"token {serial}", "row", ABSENT, "in the journal")

    async def _compare(self, rows: Sequence[Sequence[Any]]) -> None:
        for row in await with_spans(self._connection, rows):
            self.compared += 1
            if row.serial in self._tokens.named:
                self._compare_row(row)
            else:
                self._differences.note(f"token {row.serial}", "row", "stored", ABSENT)

    def _compare_row(self, row: StoredRow) -> None:
        thing = f"token {row.serial}"
        facts = self._tokens.facts(row.serial)
        try:
            _compare_facts(thing, unpack_token(row.value("facts")), facts, self._differences)
        except msgspec.DecodeError as error:
            self._differences.note(thing, "facts", f"unreadable ({error})", ABSENT)
        number = row.value("fold_version")
        if self._versions.is_rebuilt:
            self._differences.compare(thing, "fold_version", number, self._versions.newest)
        calendar = self._versions.calendars.get(number)
        if calendar is None:
            self.not_folded += 1
            return
        workspace = self._tokens.workspace
        history = fold(facts, workspace.lines, workspace.shipments, workspace.stations, calendar)
        self._compare_cells(thing, row, history)
        self._compare_clock(thing, row, history, calendar)

    def _compare_cells(self, thing: str, row: StoredRow, history: History) -> None:
        derived = rows_of(row.serial, history)
        for column, stored, value in zip(COLUMNS[CELLS], row.cells, derived.cells, strict=True):
            self._compare_value(thing, column, stored, value)
        for ours, theirs in zip_longest(row.spans, derived.spans):
            span = f"{thing}, span from {Instant((theirs or ours)[1])!r}"
            if ours is None or theirs is None:
                self._differences.note(
                    span, "row", ABSENT if ours is None else "stored", ABSENT if theirs is None else "derived"
                )
                continue
            for column, stored, value in zip(SPAN_COLUMNS[1:], ours[1:], theirs[1:], strict=True):
                self._compare_value(span, column, stored, value)
        self._differences.compare(thing, "digest", row.value("digest"), derived.digest)

    def _compare_value(self, thing: str, column: str, stored: Any, derived: Any) -> None:
        if stored != derived:
            if column.endswith("_at"):
                stored, derived = (None if each is None else Instant(each) for each in (stored, derived))
            self._differences.note(thing, column, stored, derived)

    def _compare_clock(self, thing: str, row: StoredRow, history: History, calendar: Calendar) -> None:
        """The status announced is today's, and the clock looks again in time; unless it is about to."""
        due_at = row.value("due_at")
        if due_at is not None and due_at <= self._now:
            return
        announced = row.value("announced")
        reached, _ = status_changed(row.serial, history, announced, row.value("sequence"), None, self._now)
        self._differences.compare(thing, "announced", announced, reached)
        next_at = due_of(history, self._now, calendar).next_at
        if next_at is not None and (due_at is None or due_at > next_at):
            self._compare_value(thing, "due_at", due_at, next_at)


def _compare_facts(thing: str, stored: TokenFacts, derived: TokenFacts, differences: Differences) -> None:
    """In any order: equal sets of facts are equal."""
    stored_own = {(type(fact), in_own_order(fact)): fact for fact in stored.own}
    derived_own = {(type(fact), in_own_order(fact)): fact for fact in derived.own}
    for key in stored_own | derived_own:
        ours, theirs = stored_own.get(key, ABSENT), derived_own.get(key, ABSENT)
        differences.compare(thing, "a fact of its own", ours, theirs)
    if len(stored_own) != len(stored.own):
        differences.note(thing, "the number of facts of its own", len(stored.own), len(stored_own))
    for line in sorted(stored.lines.keys() | derived.lines.keys()):
        column = f"the versions of line {line.replace(chr(0x1F), ' / ')} that list it"
        listed, listing = stored.lines.get(line), derived.lines.get(line)
        differences.compare(thing, column, listed and sorted(listed), listing and sorted(listing))
    for shipment in sorted(stored.shipments.keys() | derived.shipments.keys()):
        column = f"the versions of shipment {shipment} that list it"
        differences.compare(thing, column, stored.shipments.get(shipment), derived.shipments.get(shipment))
