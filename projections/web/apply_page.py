"""Apply Tokens: which token goes onto which station."""

import re
from itertools import zip_longest
from typing import Any

from lifecycle.calendar import Calendar
from projections.http.database import ReportDatabase
from projections.query.scope import Scope
from projections.web.composing import instant_of_field
from projections.web.sent_form import SentForm
from projections.web.write_page import Fields, WritePage
from projections.writing.asked import ApplicationItem, read_applications
from projections.writing.body import BodyError
from projections.writing.results import ApplicationResult, Written
from projections.writing.writer import Writer

_CELLS = ("serial", "station_serial", "evse_id", "station_name")
_CELL_OF = {"token_serial": "serial"}
"""Where a cell of a row is called otherwise than the field that it becomes."""
_INSTANTS = ("applied_at", "starts_at")
_EMPTY_ROWS = 3
_SEPARATOR = re.compile(r"\s*[\t;,]\s*")


def apply_page(writer: Writer) -> WritePage[ApplicationItem, ApplicationResult]:
    """The page at `/apply`."""

    async def write(items: Any, scope: Scope, key: str) -> Written[ApplicationResult]:
        return await writer.apply(items, scope, key=key)

    return WritePage(
        "/apply",
        "Apply Tokens",
        "apply.html",
        _fields,
        _as_they_are,
        _items,
        _field_of,
        writer.preview_application,
        write,
        _nothing_to_undo,
    )


def _fields(form: SentForm) -> Fields:
    columns = [form.all(name) for name in _CELLS]
    rows = [[cell.strip() for cell in row] for row in zip_longest(*columns, fillvalue="")]
    rows += [_pasted(line) for line in form.one("pasted").splitlines() if line.strip()]
    return {
        "rows": [row for row in rows if any(row)],
        "empty_rows": _EMPTY_ROWS,
        **{name: form.one(name) for name in _INSTANTS},
    }


def _pasted(line: str) -> list[str]:
    """A line of a spreadsheet, or with commas or semicolons: token, station, EVSE, name of the station."""
    cells = line.split("\t") if "\t" in line else _SEPARATOR.split(line, maxsplit=len(_CELLS) - 1)
    return [*(cell.strip() for cell in cells[: len(_CELLS)]), *[""] * (len(_CELLS) - len(cells))]


async def _as_they_are(fields: Fields, _: ReportDatabase) -> Fields:
    return fields


def _items(fields: Fields, calendar: Calendar) -> list[ApplicationItem]:
    instants = {name: instant_of_field(fields[name], calendar) for name in _INSTANTS if fields[name]}
    names = ("token_serial", *_CELLS[1:])
    items = [
        {name: cell for name, cell in zip(names, row, strict=True) if cell} | instants
        for row in fields["rows"]
    ]
    return read_applications({"items": items})


def _field_of(error: BodyError) -> str:
    match error.pointer.split("/"):
        case ["", "items", _, ("applied_at" | "starts_at") as instant]:
            return instant
        case ["", "items", row, name]:
            return f"row {row} {_CELL_OF.get(name, name)}"
        case _:
            return "rows"


def _nothing_to_undo(_: list[ApplicationResult]) -> list[Fields]:
    """An application made by mistake is taken back by a retraction of its event, not by another one."""
    return []
