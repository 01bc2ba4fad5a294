"""The rows of a sheet, as XML: numbers and dates are numbers, and everything else is text and nothing but text."""

import re
from collections.abc import Sequence

from projections.listing import Column, ColumnType
from projections.query.filters import text_sql

MAX_CELL_CHARACTERS = 32_767
"""In a cell of a sheet, counted as UTF-16 does. No event has a text as long."""

_CUT = " [… cut off: a cell of a sheet holds no more]"

# What COPY writes with a backslash, and what else needs care: characters that XML cannot hold, and text that would be
# read as one of those.
_NEEDS_CARE = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff\\]|_x[0-9A-Fa-f]{4}_")
_COPY_ESCAPE = re.compile(r"\\(.)")
_COPY_ESCAPED = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\"}
_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]")


def cell_sql(column: Column) -> str:
    """The cell in SQL: of a date, how many days it is after the one that spreadsheets count from."""
    match column.type:
        case ColumnType.DATE:
            return f"{column.key} - date '1899-12-30'"
        case ColumnType.LIST:
            return text_sql(column)
        case _:
            return column.key


class RowsAsXml:
    """Turns rows in COPY's text format, in which an empty cell is nothing, into those of a sheet."""

    def __init__(self, columns: Sequence[Column], date_style: str) -> None:
        self._text = [column.type not in (ColumnType.NUMBER, ColumnType.DATE) for column in columns]
        # What stands before the number of the row, between it and the content, and after that.
        self._around = [
            (f'<c r="{_letters(place)}', *_around(column.type, date_style))
            for place, column in enumerate(columns)
        ]

    def xml(self, lines: Sequence[str], first_row: int) -> str:
        """The rows of these lines, the first of which has that number in its sheet."""
        together = "\n".join(("", *lines, ""))
        careful = _NEEDS_CARE.search(together) is not None or max(map(len, lines)) > MAX_CELL_CHARACTERS // 2
        if not careful:
            lines = _escaped(together).split("\n")[1:-1]
        parts: list[str] = []
        for number, line in enumerate(lines, first_row):
            cells = self._careful_cells(line) if careful else line.split("\t")
            parts.append(f'<row r="{number}">')
            parts += [
                f"{start}{number}{middle}{cell}{end}"
                for (start, middle, end), cell in zip(self._around, cells, strict=True)
                if cell
            ]
            parts.append("</row>")
        return "".join(parts)

    def _careful_cells(self, line: str) -> list[str]:
        return [
            _careful(cell) if is_text else cell
            for is_text, cell in zip(self._text, line.split("\t"), strict=True)
        ]


def _around(type_: ColumnType, date_style: str) -> tuple[str, str]:
    match type_:
        case ColumnType.NUMBER:
            return '"><v>', "</v></c>"
        case ColumnType.DATE:
            return f'" s="{date_style}"><v>', "</v></c>"
        case _:
            return '" t="inlineStr"><is><t xml:space="preserve">', "</t></is></c>"


def _careful(cell: str) -> str:
    text = _COPY_ESCAPE.sub(lambda found: _COPY_ESCAPED[found[1]], cell)
    # Each character beyond the first 65,536 counts as two.
    if len(text) > MAX_CELL_CHARACTERS // 2 and len(text.encode("utf-16-le")) > 2 * MAX_CELL_CHARACTERS:
        kept = 2 * (MAX_CELL_CHARACTERS - len(_CUT))
        text = text.encode("utf-16-le")[:kept].decode("utf-16-le", "ignore") + _CUT
    # As spreadsheets themselves write what XML cannot hold.
    text = _LOOKS_ESCAPED.sub("_x005F_", text)
    return _escaped(_NOT_IN_XML.sub(lambda found: f"_x{ord(found[0]):04X}_", text))


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _letters(place: int) -> str:
    """How a sheet calls its column of that place, from 0: A to Z, AA, AB, …"""
    letters = ""
    while place >= 0:
        place, letter = divmod(place, 26)
        letters = chr(ord("A") + letter) + letters
        place -= 1
    return letters
