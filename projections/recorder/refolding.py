"""Tokens folded anew: read under their locks, folded with the subjects they need, written where they differ."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

from lifecycle.announcing import Announcement, Expiring
from lifecycle.calendar import Calendar
from lifecycle.due import due_of
from lifecycle.facts import TokenFacts, pack, unpack_token
from lifecycle.fold import History, fold
from lifecycle.stages import EXPIRED
from lifecycle.workspace import SubjectKeys, Workspace, changed, subjects_needed
from projections.fold_version import refuse_if_older
from projections.recorder import announcements, locks, notices, subjects, tokens

TOKENS_AT_ONCE = 5_000
FOLDS_BETWEEN_YIELDS = 500


class Facts(NamedTuple):
    """A token's facts, and the same as they are stored."""

    facts: TokenFacts
    packed: bytes


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

    async def fold(self, serials: Sequence[str]) -> None:
        """Fold tokens under their locks, some thousands at a time.

        Raises `OlderFoldVersion` where rows are to be folded with another version by now.
        """
        serials = sorted(serials)
        await locks.take(self._connection, locks.TOKENS, serials)
        await refuse_if_older(self._connection, self._fold_version)
        remaining = iter(serials)
        while chunk := list(islice(remaining, TOKENS_AT_ONCE)):
            await self._fold(chunk)

    async def _fold(self, serials: Sequence[str]) -> None:
        workspace = self._workspace
        stored = await self._load(self._connection, serials)
        facts_of = self._facts(serials, stored)
        needed = SubjectKeys(set(), set(), set())
        for facts, _ in {id(each): each for each in facts_of.values()}.values():
            subjects_needed(facts, needed.lines, needed.shipments, needed.stations)
        await subjects.load(self._connection, workspace, needed, with_serials=False)
        workspace.add_missing(needed)
        writes = tokens.Writes()
        now = self._clock()
        notices_due: list[tuple[notices.Notice, Expiring]] = []
        for count, serial in enumerate(serials):
            if count % FOLDS_BETWEEN_YIELDS == FOLDS_BETWEEN_YIELDS - 1:
                await asyncio.sleep(0)
            before = stored.get(serial)
            facts, packed = facts_of[serial]
            history, rows = self._folded(serial, facts, packed)
            sequence = 0 if before is None else before.sequence
            announced, said = announcements.status_changed(
                serial,
                history,
                None if before is None else before.announced,
                sequence,
                workspace.causes.get(serial),
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
        await writes.write(self._connection)
        news = await notices.send_once(self._connection, [key for key, _ in notices_due])
        self.announced.extend(notice for key, notice in notices_due if key in news)

    def _facts(self, serials: Sequence[str], stored: Mapping[str, tokens.Stored]) -> dict[str, Facts]:
        """The facts of each token after the changes; tokens of a line that are alike share theirs."""
        alike: dict[tuple[object, ...], Facts] = {}
        facts_of: dict[str, Facts] = {}
        for serial in serials:
            before = stored.get(serial)
            changes = self._workspace.changes.get(serial, ())
            # A document brings all its tokens the same change, one object, which lives as long as the workspace.
            key = (None if before is None else before.facts, *map(id, changes))
            if key not in alike:
                facts = TokenFacts([], {}, {}) if before is None else unpack_token(before.facts)
                is_changed = changed(facts, changes)
                alike[key] = Facts(facts, pack(facts) if is_changed or before is None else before.facts)
            facts_of[serial] = alike[key]
        return facts_of

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
