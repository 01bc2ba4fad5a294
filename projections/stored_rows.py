"""Token rows with all that is really in them, for those who do not take a row's own digest for granted."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import msgspec

from projections.recorder.tokens import CELLS, COLUMNS, DIGEST_BYTES, SPAN_COLUMNS, digest_of

_NO_DIGEST = bytes(DIGEST_BYTES)
_AT = {column: index for index, column in enumerate(COLUMNS)}


class StoredRow(msgspec.Struct, frozen=True, gc=False):
    """One token as it is stored. `values` are those of `COLUMNS`; `spans` the earlier ones, in order."""

    values: tuple[Any, ...]
    spans: list[tuple[Any, ...]]

    @property
    def serial(self) -> str:
        """Which token's."""
        serial: str = self.values[0]
        return serial

    def value(self, column: str) -> Any:
        """What stands in a column."""
        return self.values[_AT[column]]

    @property
    def cells(self) -> tuple[Any, ...]:
        """The cells that follow from the token's history alone."""
        return self.values[CELLS]


async def with_spans(connection: Any, rows: Sequence[Sequence[Any]]) -> list[StoredRow]:
    """Rows of `COLUMNS`, and their earlier spans. Instants are microseconds, as the recorder's connection has them."""
    spans: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for span in await connection.fetch(
        f"""
        select {", ".join(SPAN_COLUMNS)} from spans where token_serial = any($1::text[])
        order by token_serial, starts_at
        """,
        [row[0] for row in rows],
    ):
        spans[span[0]].append(tuple(span))
    return [StoredRow(tuple(row), spans.get(row[0], [])) for row in rows]


async def load_distrusting(connection: Any, serials: Sequence[str]) -> list[tuple[Any, ...]]:
    """What `tokens.load` gives, with the digest of what is really there: a row that was tampered with differs."""
    rows = await connection.fetch(
        f"select {', '.join(COLUMNS)} from tokens where token_serial = any($1::text[])", serials
    )
    return [_stored(row) for row in await with_spans(connection, rows)]


def _stored(row: StoredRow) -> tuple[Any, ...]:
    digest = digest_of(row.cells, row.spans)
    if digest != row.value("digest"):
        # The row is wrong whatever its cells come to; whether its spans are, their own digest says.
        digest = _NO_DIGEST + digest[DIGEST_BYTES:]
    return (
        row.serial,
        row.value("announced"),
        row.value("sequence"),
        row.value("due_at"),
        row.value("fold_version"),
        row.value("facts"),
        digest,
    )
