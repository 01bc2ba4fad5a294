"""All of a workbook but the rows, as XlsxWriter makes it: styles, panes, widths, properties, relations.

The rows are ours (`xlsx_rows`): the library takes 90 s of a core for a million of them where ours take 13, keeps more
than a gigabyte on disk meanwhile, and has nothing to send before the last one.
"""

import io
import re
import zipfile
from collections.abc import Sequence
from typing import NamedTuple

import xlsxwriter

from projections.export.parameters import ExportRequest
from schemas.instants import format_instant

FIRST_PARTS = ("_rels/.rels", "xl/styles.xml", "xl/theme/theme1.xml")
"""Those that do not depend on how many sheets there are, and by which programs see that a file is a workbook."""

_EVERY_CELL = "A1:XFD1048576"
_SHEET = "xl/worksheets/sheet{number}.xml"
_PLACE_OF_ROWS = re.compile(r'<row r="2"[^>]*><c r="A2" s="([0-9]+)".*?</row>', re.DOTALL)
# It would have to say how many rows follow, before they are there. It may be left out.
_DIMENSION = re.compile(r"<dimension [^>]*/>")


class SheetFrame(NamedTuple):
    """What stands in a sheet before its rows, the row of titles included, and after them."""

    head: bytes
    foot: bytes
    date_style: str


def sheet_frame(request: ExportRequest, widths: Sequence[float], number: int) -> SheetFrame:
    """The frame of the sheet of that number, from 1; `widths` are in characters."""
    sheet = _skeleton(request, widths, number)[_SHEET.format(number=number)].decode()
    place = _PLACE_OF_ROWS.search(sheet)
    assert place is not None
    head = _DIMENSION.sub("", sheet[: place.start()], count=1)
    return SheetFrame(head.encode(), sheet[place.end() :].encode(), place[1])


def other_parts(request: ExportRequest, sheets: int) -> dict[str, bytes]:
    """All parts but the sheets themselves, by their names, for a workbook with so many of them."""
    made = {_SHEET.format(number=number) for number in range(1, sheets + 1)}
    return {name: part for name, part in _skeleton(request, (), sheets).items() if name not in made}


def sheet_name(number: int) -> str:
    """The name of the part that is the sheet of that number, from 1."""
    return _SHEET.format(number=number)


def _skeleton(request: ExportRequest, widths: Sequence[float], sheets: int) -> dict[str, bytes]:
    """The parts of a workbook whose sheets have a row of titles, and one date where the rows are to be."""
    report = request.report
    title = report.listing.name.replace("-", " ").capitalize()
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as workbook:
        as_of = f"As of {format_instant(report.as_of)}, dates in {report.calendar.zone_name}"
        workbook.set_properties({"title": title, "comments": as_of})
        head = workbook.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        date = workbook.add_format({"num_format": "yyyy-mm-dd"})
        for number in range(1, sheets + 1):
            sheet = workbook.add_worksheet(title if number == 1 else f"{title} {number}")
            sheet.freeze_panes(1, 0)
            for column, width in enumerate(widths):
                sheet.set_column(column, column, width)
            for column, cell in enumerate(request.head_row):
                sheet.write_string(0, column, cell, head)
            sheet.write_number(1, 0, 0, date)
            # A customer's number is text here; that is no mistake for a green corner to point out.
            sheet.ignore_errors({"number_stored_as_text": _EVERY_CELL})
    with zipfile.ZipFile(content) as parts:
        return {name: parts.read(name) for name in parts.namelist()}
