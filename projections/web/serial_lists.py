"""Serials as people paste them: with blanks, commas, semicolons, bars, tabs or line ends between them, and quotes and
brackets around them, as they stand in a table, a query or a program.

A serial may itself hold all of these but line ends and tabs; so what is a known serial as it stands is that serial.
"""

import re
from collections.abc import Collection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from projections.query.database import Reader

_LINES = re.compile(r"[\r\n\t]+")
_SEPARATORS = re.compile(r"[\s,;]+")
_AROUND = "\"'`[]{}()“”‘’„«»"


def doubtful(text: str) -> set[str]:
    """What may be a serial as it stands, or may be more or less than one."""
    found: set[str] = set()
    for line in _lines(text):
        parts = _parts(line)
        if parts != [line]:
            found.add(line)
        for part in parts:
            pieces = _pieces(part)
            bare = [piece.strip(_AROUND) for piece in pieces]
            if [part] != pieces or pieces != bare:
                found.update([part, *pieces, *bare])
    return found


def serials_of(text: str, known: Collection[str]) -> list[str]:
    """The serials, in the order given, each once. `known` are those of `doubtful` that are serials."""
    found: dict[str, None] = {}
    for line in _lines(text):
        for part in [line] if line in known else _parts(line):
            for each in [part] if part in known else _pieces(part):
                bare = each.strip(_AROUND)
                # What is no serial either way stays as it was typed.
                found[bare if each not in known and bare in known else each] = None
    return list(found)


async def read_serials(connection: "Reader", text: str) -> list[str]:
    """The serials in a text, with what the report knows of them."""
    asked = sorted(doubtful(text))
    known: set[str] = set()
    if asked:
        statement = "select token_serial from tokens where token_serial = any($1::text[])"
        known = {row[0] for row in await connection.fetch(statement, asked)}
    return serials_of(text, known)


def _lines(text: str) -> list[str]:
    return [line for each in _LINES.split(text) if (line := each.strip())]


def _parts(line: str) -> list[str]:
    return [part for part in _SEPARATORS.split(line) if part]


def _pieces(part: str) -> list[str]:
    return [piece for piece in part.split("|") if piece]
