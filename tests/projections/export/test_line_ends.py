"""CR LF after the rows, whatever the cells hold and wherever the chunks are cut."""

import csv
import io
import random

import pytest

from projections.export.line_ends import LineEnds

CELLS = ("", "a", "\n", "\r\n", "\r", '"', '""', ',"\n",', "a\nb", 'x"y\n"z', "\n\n", '"\n', '\n"', "ä🔌")


def _written(rows: list[list[str]], line_end: str) -> bytes:
    """As Postgres writes it: quoted where it must be."""
    return "".join(",".join(map(_quoted, row)) + line_end for row in rows).encode()


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if set(cell) & set('",\r\n') else cell


@pytest.mark.parametrize("seed", range(20))
def test_only_the_ends_of_rows_change(seed: int) -> None:
    dice = random.Random(seed)
    rows = [[dice.choice(CELLS) for _ in range(3)] for _ in range(200)]
    content = _written(rows, "\n")
    line_ends, converted = LineEnds(), b""
    while content:
        length = dice.choice((1, 2, 3, 7, 50, 1000))
        converted += line_ends.convert(content[:length])
        content = content[length:]
    assert converted == _written(rows, "\r\n")
    assert list(csv.reader(io.StringIO(converted.decode(), newline=""))) == rows
