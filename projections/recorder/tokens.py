"""Token rows: read under their locks, folded, and written where they came out different."""

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

import msgspec

from lifecycle.cells import PlanCells, SpanCells, plan_cells, span_cells
from lifecycle.fold import History
from lifecycle.stages import STAGES
from projections.recorder import copying

COLUMNS: tuple[str, ...] = (
    "token_serial",
    *PlanCells._fields,
    *SpanCells._fields,
    "span_starts_at",
    "activation_date",
    "expiration_date",
    *(stage.column for stage in STAGES),
    "anomalies",
    *("announced", "sequence", "due_at", "fold_version", "facts", "digest"),
)
SPAN_COLUMNS: tuple[str, ...] = ("token_serial", "starts_at", "ends_at", *SpanCells._fields)
DIGEST_BYTES = 8
NO_SPANS = bytes(DIGEST_BYTES)
SPANS_BEHIND = 2


class Kept(msgspec.Struct, frozen=True, gc=False):
    """What a row keeps beside its cells. `due_at` (microseconds) is when the clock must look at it again."""

    announced: int | None
    sequence: int
    due_at: int | None
    fold_version: int
    facts: bytes


class Stored(Kept, frozen=True, gc=False):
    """What is read of a row before it is folded anew."""

    digest: bytes

    def equals(self, kept: Kept, digest: bytes) -> bool:
        """Whether a row came out as it is stored; when it is due follows from the rest, and from the clock."""
        return (
            self.digest == digest
            and self.facts == kept.facts
            and self.announced == kept.announced
            and self.sequence == kept.sequence
            and self.fold_version == kept.fold_version
        )


class Rows(msgspec.Struct, frozen=True, gc=False):
    """A history as rows: the cells of `tokens` from the plan to the anomalies, the earlier spans, their digest.

    `packed` are the cells as COPY takes them.
    """

    cells: tuple[Any, ...]
    packed: bytes
    spans: list[tuple[Any, ...]]
    digest: bytes


NEVER = (None,) * (len(PlanCells._fields) + len(SpanCells._fields) + 3 + len(STAGES))
CELLS = slice(1, len(NEVER) + 2)
"""Which of `COLUMNS` follow from the history alone."""
NEVER_DUE = 2**63

_PLAN = copying.TEXT * 3 + copying.SMALLINT + copying.TEXT * 6 + copying.DAY * 2
_SPAN = copying.TEXT * 5 + copying.DAY
_CELLS = (
    copying.PACKED + _SPAN + copying.INSTANT + copying.DAY * 2 + copying.INSTANT * len(STAGES) + copying.TEXTS
)
_ROW = (
    copying.TEXT
    + copying.PACKED
    + copying.SMALLINT
    + copying.INTEGER
    + copying.INSTANT
    + copying.INTEGER
    + copying.BYTES * 2
)
_SPAN_ROW = copying.TEXT + copying.INSTANT * 2 + _SPAN
_AFTER_PLAN = len(_PLAN)


def rows_of(serial: str, history: History) -> Rows:
    """The rows of one token's history. `serial` stands in the spans alone."""
    if not history.is_reported:
        return _rows((*NEVER, []), [])
    last = history.spans[-1]
    cells = (
        *plan_cells(history),
        *span_cells(last),
        last.starts_at,
        history.activation_date,
        history.expiration_date,
        *history.stages,
        list(history.anomalies),
    )
    spans = [
        (serial, span.starts_at, following.starts_at, *span_cells(span))
        for span, following in pairwise(history.spans)
    ]
    return _rows(cells, spans)


def _rows(cells: tuple[Any, ...], spans: list[tuple[Any, ...]]) -> Rows:
    packed = _pack_cells(cells)
    return Rows(cells, packed, spans, _digest(packed, spans))


def digest_of(cells: tuple[Any, ...], spans: list[tuple[Any, ...]]) -> bytes:
    """Equal for equal cells and earlier spans: 8 bytes of the one, 8 of the other."""
    return _digest(_pack_cells(cells), spans)


def _digest(packed: bytes, spans: list[tuple[Any, ...]]) -> bytes:
    if not spans:
        return _hash(packed) + NO_SPANS
    return _hash(packed) + _hash(b"".join(map(pack_span, spans)))


def _hash(packed: bytes) -> bytes:
    return hashlib.blake2b(packed, digest_size=DIGEST_BYTES).digest()


def _pack_cells(cells: tuple[Any, ...]) -> bytes:
    """The plan's cells are those of all tokens of a line, and are packed once for them."""
    return copying.fields((_pack_plan(cells[:_AFTER_PLAN]), *cells[_AFTER_PLAN:]), _CELLS)


@lru_cache(maxsize=10_000)
def _pack_plan(cells: tuple[Any, ...]) -> bytes:
    return copying.fields(cells, _PLAN)


def pack_span(span: tuple[Any, ...]) -> bytes:
    """A row of `spans` as COPY takes it."""
    return copying.fields(span, _SPAN_ROW)


async def load(connection: Any, serials: Sequence[str]) -> list[Any]:
    """What is stored of these tokens: the serial and the fields of `Stored` a row. The caller holds their locks."""
    rows: list[Any] = await connection.fetch(
        """
        select token_serial, announced, sequence, due_at, fold_version, facts, digest
        from tokens where token_serial = any($1::text[])
        """,
        serials,
    )
    return rows


class Writes:
    """Rows to write, as COPY takes them: those made and changed, and the earlier spans that replace what is stored."""

    def __init__(self) -> None:
        self.rows: list[bytes] = []
        self.replaced: list[str] = []
        self.spans: list[bytes] = []
        self.spans_replaced: list[str] = []

    def add(
        self,
        serial: str,
        rows: Rows,
        stored: Stored | None,
        kept: Kept,
        now: int,
    ) -> None:
        """Take a row in, unless it is what is stored already.

        A row that was due is written all the same, so that it is due no longer; and one that the clock would
        look at too late.
        """
        if stored is not None:
            was_due = stored.due_at is not None and stored.due_at <= now
            is_late = kept.due_at is not None and now < kept.due_at < (stored.due_at or NEVER_DUE)
            if stored.equals(kept, rows.digest) and not was_due and not is_late:
                return
            self.replaced.append(serial)
        self.rows.append(
            copying.fields(
                (
                    *(serial, rows.packed, kept.announced, kept.sequence),
                    *(kept.due_at, kept.fold_version, kept.facts, rows.digest),
                ),
                _ROW,
            )
        )
        self._add_spans(serial, rows, NO_SPANS if stored is None else stored.digest[DIGEST_BYTES:])

    def _add_spans(self, serial: str, rows: Rows, stored: bytes) -> None:
        """Those that are not stored yet; all, where those that are do not begin the new ones."""
        packed = [pack_span(span) for span in rows.spans]
        # Nearly always one has come behind those that are stored.
        for count in range(len(packed), max(len(packed) - SPANS_BEHIND, 0) - 1, -1):
            if stored == (_hash(b"".join(packed[:count])) if count else NO_SPANS):
                self.spans.extend(packed[count:])
                return
        if stored != NO_SPANS:
            self.spans_replaced.append(serial)
        self.spans.extend(packed)

    def content(self) -> tuple[int, bytes | None, list[str], bytes | None, list[str]]:
        """How many rows are written, and all of it as `write` takes it."""
        return (
            len(self.rows),
            copying.content(len(COLUMNS), self.rows),
            self.replaced,
            copying.content(len(SPAN_COLUMNS), self.spans),
            self.spans_replaced,
        )


async def write(
    connection: Any,
    rows: bytes | None,
    replaced: Sequence[str],
    spans: bytes | None,
    spans_replaced: Sequence[str],
) -> None:
    """Write rows, and earlier spans, in the place of those of the tokens `replaced`. The caller holds the locks.

    Put in by COPY after the old ones are taken out, rows cost Postgres half of what updating them would: an update
    would touch every index all the same, and goes row by row.
    """
    await _remove(connection, "tokens", replaced)
    await copying.copy(connection, "tokens", COLUMNS, rows)
    await _remove(connection, "spans", spans_replaced)
    await copying.copy(connection, "spans", SPAN_COLUMNS, spans)


async def _remove(connection: Any, table: str, serials: Sequence[str]) -> None:
    if serials:
        await connection.execute(f"delete from {table} where token_serial = any($1::text[])", serials)
