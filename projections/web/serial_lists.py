"""Serials as people paste them: with blanks, commas, semicolons, tabs or line ends between them.

A serial may itself hold all of these but line ends and tabs; so a line that is a known serial as it stands is
that serial.
"""

import re
from collections.abc import Collection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from projections.query.database import Reader

_LINES = re.compile(r"[\r\n\t]+")
_SEPARATORS = re.compile(r"[\s,;]+")


def lines_of(text: str) -> list[str]:
    """What may be a serial as it stands: each line, and what tabs part."""
    return [line for each in _LINES.split(text) if (line := each.strip())]


def serials_of(text: str, known: Collection[str]) -> list[str]:
    """The serials, in the order given, each once. `known` are those of the lines that are serials as they stand."""
    found: dict[str, None] = {}
    for line in lines_of(text):
        for each in [line] if line in known else _SEPARATORS.split(line):
            if each:
                found[each] = None
    return list(found)


async def read_serials(connection: "Reader", text: str) -> list[str]:
    """The serials in a text, with what the report knows of them."""
    lines = lines_of(text)
    # One without any separator needs no look.
    doubtful = sorted({line for line in lines if _SEPARATORS.search(line)})
    known: set[str] = set()
    if doubtful:
        statement = "select token_serial from tokens where token_serial = any($1::text[])"
        known = {row[0] for row in await connection.fetch(statement, doubtful)}
    return serials_of(text, known)
