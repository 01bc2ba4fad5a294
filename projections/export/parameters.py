"""The parameters of an export: the report's, and how the file is written."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from lifecycle.calendar import Calendar
from projections.columns import TOKENS, zone_title
from projections.export.formats import Format
from projections.listing import Listing
from projections.query.parameters import (
    AFTER,
    COUNT,
    LIMIT,
    REPORT_PARAMETERS,
    Given,
    Parameter,
    boolean_parser,
    choice_parser,
    read_report,
)
from projections.query.refusal import Refusal
from projections.query.report import Report
from projections.query.scope import Scope
from schemas.instants import format_instant


class Header(StrEnum):
    """What the first row says."""

    TITLES = "titles"
    KEYS = "keys"


FORMAT = Parameter(
    "format",
    "The kind of file.",
    {"type": "string", "enum": [str(each) for each in Format], "default": str(Format.CSV)},
    "xlsx",
)
HEADER = Parameter(
    "header",
    "Whether the first row has the columns' titles or their keys. Of CSV and XLSX alone: the other kinds have no "
    "such row and always know columns by their keys.",
    {"type": "string", "enum": [str(header) for header in Header], "default": str(Header.TITLES)},
    "keys",
)
RAW = Parameter(
    "raw",
    "Whether to leave out the `'` before text that a spreadsheet would run as a formula. Of CSV alone: in the "
    "other kinds text is always text.",
    {"type": "boolean", "default": False},
    True,
)

EXPORT_PARAMETERS = (FORMAT, *REPORT_PARAMETERS, HEADER, RAW)


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """Which file."""

    report: Report
    format: Format = Format.CSV
    header: Header = Header.TITLES
    raw: bool = False

    @property
    def head_row(self) -> list[str]:
        """What the first row says, in the kinds of file that have one."""
        if self.header is Header.KEYS:
            return [column.key for column in self.report.columns]
        zone = zone_title(self.report.calendar.zone_name)
        return [column.title_in(zone) for column in self.report.columns]

    @property
    def file_name(self) -> str:
        """With the instant of the report, in the basic form: no file system takes offence at it."""
        instant = format_instant(self.report.as_of).replace("-", "").replace(":", "")
        return f"{self.report.listing.name}-{instant}.{self.format}"


def read_export_request(
    pairs: Sequence[tuple[str, str]], scope: Scope, now: int, calendar: Calendar, listing: Listing = TOKENS
) -> ExportRequest:
    """The export asked for; `now` is an instant in microseconds. Raises `BadQuery` with everything wrong."""
    partial = {parameter.name for parameter in (LIMIT, AFTER, COUNT)}
    given = Given([pair for pair in pairs if pair[0] not in partial], EXPORT_PARAMETERS)
    names = tuple(parameter.name for parameter in EXPORT_PARAMETERS)
    for name, value in pairs:
        if name in partial:
            given.refuse(Refusal(name, value, f"an export is the whole list: {name!r} is for pages", names))
    request = ExportRequest(
        read_report(given, scope, now, calendar, listing),
        given.one(FORMAT, choice_parser(FORMAT, Format), Format.CSV),
        given.one(HEADER, choice_parser(HEADER, Header), Header.TITLES),
        given.one(RAW, boolean_parser(RAW), False),
    )
    _refuse_what_means_nothing(given, request.format)
    given.finish()
    return request


def _refuse_what_means_nothing(given: Given, asked: Format) -> None:
    if given.has(HEADER) and not asked.has_head_row:
        having = " or ".join(each for each in Format if each.has_head_row)
        message = f"{asked.spoken} has no head row, its columns go by their keys: 'header' is for {having}"
        given.refuse(Refusal(HEADER.name, None, message))
    if given.has(RAW) and asked is not Format.CSV:
        message = (
            f"{asked.spoken} needs no guard against formulas, its text is text: 'raw' is for {Format.CSV}"
        )
        given.refuse(Refusal(RAW.name, None, message))
