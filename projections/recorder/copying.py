"""Rows as Postgres takes them by binary COPY: encoded here, since asyncpg asks its codecs for every field anew.

A row is made of fields, each with its length before it. Those of many rows that are alike are encoded once.
Source: "Binary Format" in Postgres's reference of COPY.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from struct import Struct
from typing import Any

from projections.recorder.connection import POSTGRES_EPOCH

NULL = b"\xff\xff\xff\xff"
_BEGIN = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END = b"\xff\xff"
_DATE_EPOCH = date(2000, 1, 1).toordinal()
_TEXT_OID = 25

_LENGTH = Struct(">i").pack
_TWO_BYTES = Struct(">ih").pack
_FOUR_BYTES = Struct(">ii").pack
_EIGHT_BYTES = Struct(">iq").pack
_ARRAY = Struct(">iiiii").pack
_NO_TEXTS = Struct(">iiii").pack(12, 0, 0, _TEXT_OID)

Encode = Callable[[Any], bytes]


def text(value: str) -> bytes:
    """A `text`."""
    body = value.encode()
    return _LENGTH(len(body)) + body


def binary(value: bytes) -> bytes:
    """A `bytea`."""
    return _LENGTH(len(value)) + value


def smallint(value: int) -> bytes:
    """A `smallint`."""
    return _TWO_BYTES(2, value)


def integer(value: int) -> bytes:
    """An `integer`."""
    return _FOUR_BYTES(4, value)


def bigint(value: int) -> bytes:
    """A `bigint`."""
    return _EIGHT_BYTES(8, value)


def day(value: date) -> bytes:
    """A `date`."""
    return _FOUR_BYTES(4, value.toordinal() - _DATE_EPOCH)


def instant(value: int) -> bytes:
    """A `timestamptz`, given in microseconds since 1970."""
    return _EIGHT_BYTES(8, value - POSTGRES_EPOCH)


def texts(values: Sequence[str]) -> bytes:
    """A `text[]`."""
    if not values:
        return _NO_TEXTS
    body = b"".join(map(text, values))
    return _LENGTH(20 + len(body)) + _ARRAY(1, 0, _TEXT_OID, len(values), 1) + body


def fields(values: Iterable[Any], encoders: Iterable[Encode]) -> bytes:
    """Values one after the other, None as null."""
    return b"".join(
        [NULL if value is None else encode(value) for value, encode in zip(values, encoders, strict=True)]
    )


async def copy(connection: Any, table: str, columns: Sequence[str], rows: Iterable[bytes]) -> None:
    """Store rows, each the fields of these columns."""
    count = len(columns).to_bytes(2, "big")
    content = b"".join([_BEGIN, *(count + row for row in rows), _END])
    # A view, since asyncpg takes bytes for the name of a file.
    await connection.copy_to_table(table, columns=columns, source=memoryview(content), format="binary")
