"""Tokens folded anew: read under their locks, folded with the subjects they need, written where they differ."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from lifecycle.announcing import Announcement, Expiring
from lifecycle.calendar import Calendar
from lifecycle.due import due_of
from lifecycle.facts import TokenFacts, pack, unpack_token
from lifecycle.fold import History, fold
from lifecycle.stages import EXPIRED
from lifecycle.workspace import SubjectKeys, Workspace, changed, subjects_needed
from projections.fold_version import refuse_if_older
from projections.recorder import announcements, locks, notices, subjects, tokens
from projections.recorder.writes_behind import Write, WritesBehind

TOKENS_AT_ONCE = 20_000
TOKENS_A_WRITE = 2_500
# Postgres gets its next statement, and the broker its heartbeat, when the loop has its turn.
FOLDS_BETWEEN_YIELDS = 50


Read = tuple[str, tokens.Stored | None, TokenFacts, bytes]
"""A token, what was stored of it, and its facts, plain and packed, after the changes."""
Load = Callable[[Any, Sequence[str]], Awaitable[Mapping[str, tokens.Stored]]]


class Refolding:
    """Folds tokens within the caller's transaction, and gathers what is to be announced.

    The workspace tells what events changed, and by which one; without any, tokens are folded as they are stored.
    `load` reads what is stored of tokens.
    """

    def __init__(
        self,
        connection: Any,
        workspace: Workspace,
        calendar: Calendar,
        clock: Callable[[], int],
        fold_version: int,
        load: Load = tokens.load,
    ) -> None:
        self._connection = connection
        self._workspace = workspace
        self._calendar = calendar
        self._clock = clock
        self._fold_version = fold_version
        self._load = load
        self._folded_alike: dict[bytes, tuple[History, tokens.Rows]] = {}
        self.announced: list[Announcement] = []
        self.tokens_written = 0

    async def fold(self, serials: Sequence[str], meanwhile: Sequence[Write] = ()) -> None:
        """Fold tokens under their locks, and have Postgres write those that are folded while others are.

        What is to be written `meanwhile` goes first. Raises `OlderFoldVersion` where rows are to be folded with
        another version by now.
        """
        serials = sorted(serials)
        await locks.take(self._connection, locks.TOKENS, serials)
        await refuse_if_older(self._connection, self._fold_version)
        async with WritesBehind() as writes:
            for start in range(0, len(serials), TOKENS_AT_ONCE):
                await writes.done()  # its connection is needed to read
                tokens_read = await self._read(serials[start : start + TOKENS_AT_ONCE])
                for write in meanwhile:
                    writes.put(write)
                meanwhile = ()
                for part in range(0, len(tokens_read), TOKENS_A_WRITE):
                    writes.put(await self._fold(tokens_read[part : part + TOKENS_A_WRITE]))
            for write in meanwhile:
                writes.put(write)

    async def _read(self, serials: Sequence[str]) -> list[Read]:
        """What is stored of tokens, what the workspace makes of their facts, and the subjects that folding needs."""
        stored = await self._load(self._connection, serials)
        # Of tokens that have the same facts and undergo the same changes, as those of a line do, one is worked out.
        alike: dict[tuple[object, ...], tuple[TokenFacts, bytes]] = {}
        tokens_read: list[Read] = []
        self._folded_alike.clear()
        for count, serial in enumerate(serials):
            if count % FOLDS_BETWEEN_YIELDS == FOLDS_BETWEEN_YIELDS - 1:
                await asyncio.sleep(0)
            before = stored.get(serial)
            changes = self._workspace.changes.get(serial, ())
            # A document brings all its tokens one and the same change, which lives as long as the workspace.
            key = (None if before is None else before.facts, *map(id, changes))
            known = alike.get(key)
            if known is None:
                facts = TokenFacts([], {}, {}) if before is None else unpack_token(before.facts)
                is_changed = changed(facts, changes)
                packed = pack(facts) if is_changed or before is None else before.facts
                known = alike[key] = facts, packed
            tokens_read.append((serial, before, *known))
        needed = SubjectKeys(set(), set(), set())
        for facts, _ in alike.values():
            subjects_needed(facts, needed.lines, needed.shipments, needed.stations)
        await subjects.load(self._connection, self._workspace, needed, with_serials=False)
        self._workspace.add_missing(needed)
        return tokens_read

    async def _fold(self, tokens_read: Sequence[Read]) -> Write:
        """Fold tokens; gives what writes them."""
        writes = tokens.Writes()
        now = self._clock()
        notices_due: list[tuple[notices.Notice, Expiring]] = []
        for count, (serial, before, facts, packed) in enumerate(tokens_read):
            if count % FOLDS_BETWEEN_YIELDS == FOLDS_BETWEEN_YIELDS - 1:
                await asyncio.sleep(0)
            history, rows = self._folded(serial, facts, packed)
            sequence = 0 if before is None else before.sequence
            announced, said = announcements.status_changed(
                serial,
                history,
                None if before is None else before.announced,
                sequence,
                self._workspace.causes.get(serial),
                now,
            )
            if said is not None:
                self.announced.append(said)
                sequence = said.sequence
            due = due_of(history, now, self._calendar)
            if due.days_left is not None:
                expires_at = history.stages[EXPIRED]
                assert expires_at is not None
                notice = announcements.expiring(serial, history, expires_at, due.days_left, now)
                notices_due.append(((serial, expires_at, due.days_left), notice))
            self.tokens_written += writes.add(
                serial,
                rows,
                before,
                tokens.Kept(announced, sequence, due.next_at, self._fold_version, packed),
                now,
            )

        async def write() -> None:
            await writes.write(self._connection)
            news = await notices.send_once(self._connection, [key for key, _ in notices_due])
            self.announced.extend(notice for key, notice in notices_due if key in news)

        return write

    def _folded(self, serial: str, facts: TokenFacts, packed: bytes) -> tuple[History, tokens.Rows]:
        """A token's history and rows. Only facts of its own give it spans: without any, equal facts make equal rows."""
        folded = self._folded_alike.get(packed)
        if folded is None:
            workspace = self._workspace
            history = fold(facts, workspace.lines, workspace.shipments, workspace.stations, self._calendar)
            folded = history, tokens.rows_of(serial, history)
            if not facts.own:
                self._folded_alike[packed] = folded
        return folded
