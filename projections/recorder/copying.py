"""Rows as Postgres takes them by binary COPY: encoded here, since asyncpg asks its codecs for every field anew.

A row is made of fields, each with its length before it; -1 stands for null. What many rows have in common is encoded
once. Source: "Binary Format" in Postgres's reference of COPY.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import date
from struct import Struct
from struct import error as struct_error
from typing import Any

from native import compiled
from projections.recorder.connection import POSTGRES_EPOCH

TEXT = b"t"
SMALLINT = b"h"
INTEGER = b"i"
BIGINT = b"q"
BYTES = b"b"
DAY = b"d"
"""A `date`."""
INSTANT = b"u"
"""A `timestamptz`, given in microseconds since 1970."""
TEXTS = b"a"
"""A `text[]`, given as a list."""
FLAG = b"f"
PACKED = b"p"
"""Fields that are packed already."""

ORDER_LINE = TEXT + BYTES + INSTANT + FLAG + TEXT * 5 + SMALLINT + TEXT * 7 + DAY + BIGINT + TEXTS
SHIPMENT_LINE = TEXT * 2 + BYTES + INSTANT + TEXT * 2 + DAY + TEXTS
"""The kinds of the columns of `projections.orders.rows`."""

_BEGIN = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END = b"\xff\xff"
_NULL = b"\xff\xff\xff\xff"
_DATE_EPOCH = date(2000, 1, 1).toordinal()
_TEXT_OID = 25
_LENGTH = Struct(">i").pack
_FLAGS = (b"\0\0\0\1\0", b"\0\0\0\1\1")
_TWO_BYTES = Struct(">ih").pack
_FOUR_BYTES = Struct(">ii").pack
_EIGHT_BYTES = Struct(">iq").pack
_ARRAY = Struct(">iiiii").pack
_NO_TEXTS = Struct(">iiii").pack(12, 0, 0, _TEXT_OID)


def fields_in_python(values: tuple[Any, ...], kinds: bytes) -> bytes:
    """Values, each of the kind that stands at its place, one after the other."""
    try:
        return b"".join(
            [
                _NULL if value is None else _PACK[kind](value)
                for value, kind in zip(values, kinds, strict=True)
            ]
        )
    except struct_error as error:
        raise OverflowError(str(error)) from error


fields = fields_in_python if compiled is None else compiled.fields
"""The same, compiled where that was possible."""


def content(width: int, rows: Collection[bytes]) -> bytes | None:
    """Rows, each of so many fields, as COPY takes them; None for none."""
    count = width.to_bytes(2, "big")
    return b"".join([_BEGIN, *(count + row for row in rows), _END]) if rows else None


def packed(rows: Collection[tuple[Any, ...]], kinds: bytes) -> bytes | None:
    """Rows of values as COPY takes them; None for none."""
    return content(len(kinds), [fields(tuple(row), kinds) for row in rows])


async def copy(connection: Any, table: str, columns: Sequence[str], rows: bytes | None) -> None:
    """Store rows, if any."""
    if rows is not None:
        # A view, since asyncpg takes bytes for the name of a file.
        await connection.copy_to_table(table, columns=columns, source=memoryview(rows), format="binary")


def _bytes(value: bytes) -> bytes:
    return _LENGTH(len(value)) + value


def _text(value: str) -> bytes:
    return _bytes(value.encode())


def _texts(values: list[str]) -> bytes:
    if not values:
        return _NO_TEXTS
    body = b"".join(map(_text, values))
    return _LENGTH(20 + len(body)) + _ARRAY(1, 0, _TEXT_OID, len(values), 1) + body


_PACK: dict[int, Callable[[Any], bytes]] = {
    TEXT[0]: _text,
    SMALLINT[0]: lambda value: _TWO_BYTES(2, value),
    INTEGER[0]: lambda value: _FOUR_BYTES(4, value),
    BIGINT[0]: lambda value: _EIGHT_BYTES(8, value),
    BYTES[0]: _bytes,
    DAY[0]: lambda value: _FOUR_BYTES(4, value.toordinal() - _DATE_EPOCH),
    INSTANT[0]: lambda value: _EIGHT_BYTES(8, value - POSTGRES_EPOCH),
    TEXTS[0]: _texts,
    FLAG[0]: lambda value: _FLAGS[value],
    PACKED[0]: lambda value: value,
}
