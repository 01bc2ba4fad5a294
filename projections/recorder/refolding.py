"""Folds tokens under their locks: reads what is stored of them, and has written what came out different."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

from projections.fold_version import refuse_if_older
from projections.recorder import announcements, locks, names, notices, subjects, tokens
from projections.recorder.draft import Draft, Folded
from projections.recorder.writes_behind import Write, WritesBehind

TOKENS_AT_ONCE = 20_000
TOKENS_A_WRITE = 2_500

Load = Callable[[Any, Sequence[str]], Awaitable[Sequence[Any]]]


class Refolding:
    """Folds tokens within the caller's transaction, once.

    `clock` gives now in microseconds; `load` reads what is stored of tokens.
    """

    def __init__(
        self,
        connection: Any,
        draft: Draft,
        clock: Callable[[], int],
        fold_version: int,
        load: Load = tokens.load,
    ) -> None:
        self._connection = connection
        self._draft = draft
        self._clock = clock
        self._fold_version = fold_version
        self._load = load
        self.tokens_written = 0
        self.announced = 0

    async def fold(self, serials: Sequence[str], meanwhile: Sequence[Write] = ()) -> None:
        """Fold tokens, sorted by serial, have Postgres write those that are folded while others are, and put what they
        announce in the outbox.

        What is to be written `meanwhile` goes first. Raises `OlderFoldVersion` where rows are to be folded with
        another version by now.
        """
        await locks.take(self._connection, locks.TOKENS, serials)
        await refuse_if_older(self._connection, self._fold_version)
        async with WritesBehind() as writes:
            for start in range(0, len(serials), TOKENS_AT_ONCE):
                await writes.done()  # its connection is needed to read
                await self._read(serials[start : start + TOKENS_AT_ONCE])
                for write in meanwhile:
                    writes.put(write)
                meanwhile = ()
                while (folded := self._draft.fold(TOKENS_A_WRITE, self._clock())) is not None:
                    writes.put(self._write(Folded(*folded)))
                    await asyncio.sleep(0)  # Postgres gets its next statement, and the broker its heartbeat
            for write in meanwhile:
                writes.put(write)
            writes.put(partial(names.keep, self._connection, self._draft))
        self.announced, packed = self._draft.announced()
        await announcements.store(self._connection, packed)

    async def _read(self, serials: Sequence[str]) -> None:
        """What is stored of tokens, and the subjects that folding them looks at."""
        rows = await self._load(self._connection, serials)
        needed = self._draft.read(serials, rows)
        self._draft.load_subjects(await subjects.rows(self._connection, needed, with_serials=False))

    def _write(self, folded: Folded) -> Write:
        self.tokens_written += folded.written

        async def write() -> None:
            _, rows, replaced, spans, spans_replaced, due = folded
            await tokens.write(self._connection, rows, replaced, spans, spans_replaced)
            self._draft.notify(await notices.send_once(self._connection, due))

        return write
