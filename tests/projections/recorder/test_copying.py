"""Rows packed for COPY: alike by the compiled packer and in Python, and read back by Postgres as they were."""

import os
import shutil
from datetime import date
from typing import Any

import asyncpg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from projections.recorder import copying
from projections.recorder.connection import count_in_microseconds
from projections.recorder.copying import fields, fields_in_python

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=2_000)
INSTANTS = st.integers(min_value=-62_135_596_800_000_000, max_value=253_402_300_799_999_999)
VALUES: dict[bytes, tuple[str, st.SearchStrategy[Any]]] = {
    copying.TEXT: ("text", TEXTS),
    copying.SMALLINT: ("smallint", st.integers(-(2**15), 2**15 - 1)),
    copying.INTEGER: ("integer", st.integers(-(2**31), 2**31 - 1)),
    copying.BIGINT: ("bigint", st.integers(-(2**63), 2**63 - 1)),
    copying.BYTES: ("bytea", st.binary(max_size=3_000)),
    copying.DAY: ("date", st.dates()),
    copying.INSTANT: ("timestamptz", INSTANTS),
    copying.TEXTS: ("text[]", st.lists(TEXTS, max_size=4)),
}
KINDS = b"".join(VALUES)
ROWS = st.tuples(*(st.none() | values for _, values in VALUES.values()))


def test_the_packer_is_compiled_where_it_can_be() -> None:
    can_be = shutil.which(os.environ.get("CC", "cc")) is not None
    assert (fields is not fields_in_python) == can_be, "run: make install"


@settings(max_examples=500, deadline=None)
@given(row=ROWS)
def test_compiled_and_in_python_rows_are_packed_alike(row: tuple[Any, ...]) -> None:
    packed = fields(row, KINDS)
    assert packed == fields_in_python(row, KINDS)
    assert fields((packed, None), copying.PACKED * 2) == packed + b"\xff\xff\xff\xff"


def test_every_day_is_packed_alike() -> None:
    for ordinal in range(1, date.max.toordinal(), 11):
        day = (date.fromordinal(ordinal),)
        assert fields(day, copying.DAY) == fields_in_python(day, copying.DAY)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (1, copying.TEXT),
        ("1", copying.INTEGER),
        (2**15, copying.SMALLINT),
        (-(2**31) - 1, copying.INTEGER),
        (2**63, copying.BIGINT),
        ("2026-03-02", copying.DAY),
        (1.5, copying.INSTANT),
        ("T1", copying.TEXTS),
        ("T1", copying.BYTES),
        ("T1", copying.PACKED),
        ("\ud800", copying.TEXT),
        ("T1", b"?"),
    ],
)
def test_a_value_of_another_kind_is_an_error(value: object, kind: bytes) -> None:
    with pytest.raises((TypeError, ValueError, OverflowError)):
        fields((value,), kind)
    with pytest.raises((TypeError, ValueError)):
        fields(("T1", "T2"), copying.TEXT)


async def test_postgres_reads_back_what_was_packed(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        await count_in_microseconds(connection)
        columns = {f"column_{number}": of_type for number, (of_type, _) in enumerate(VALUES.values())}
        made = ", ".join(f"{name} {of_type}" for name, of_type in columns.items())
        await connection.execute(f"create temporary table packed (row_number integer, {made})")
        rows = [
            ("T1", -1, 7, 2**62, b"\0\xff", date(2026, 3, 2), 1_772_000_000_000_001, ["a", "", "ü"]),
            ("", 99, -(2**31), -(2**63), b"", date(1, 1, 1), -62_135_596_800_000_000, []),
            ("x" * 5_000, 0, 0, 0, bytes(5_000), date(9999, 12, 31), 253_402_300_799_999_999, ["x" * 5_000]),
            (None,) * len(VALUES),
        ]
        packed = [fields((number, *row), copying.INTEGER + KINDS) for number, row in enumerate(rows)]
        content = copying.content(1 + len(columns), packed)
        await copying.copy(connection, "packed", ("row_number", *columns), content)
        found = await connection.fetch(f"select {', '.join(columns)} from packed order by row_number")
        assert [tuple(row) for row in found] == rows
    finally:
        await connection.close()
