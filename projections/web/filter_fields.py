"""The filters of a page: as fields to change them, and as chips that say what is applied."""

from collections.abc import Sequence
from dataclasses import dataclass

from projections.listing import Column, Listing
from projections.query.filters import dated, parse_filter
from projections.query.refusal import BadQuery, Refusal
from projections.query.report import Report
from projections.web.address import Address
from projections.web.words import OPERATORS, filter_words


@dataclass(frozen=True, slots=True)
class FilterField:
    """Column, operator and value as they were given, right or not; with what is wrong, where something is."""

    column: str = ""
    operator: str = ""
    value: str = ""
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in words, and the address without it. `dates` are what a value like `today+90d` stands for."""

    column: str
    operator: str
    value: str
    dates: str
    address: Address


@dataclass(frozen=True, slots=True)
class Choice:
    """A column to filter by, with the operators that fit it, by their names."""

    column: Column
    title: str
    operators: str


def filter_fields(filters: Sequence[str], listing: Listing) -> list[FilterField]:
    """A filter in three parts, split as `parse_filter` does."""
    fields = []
    for text in filters:
        column, _, rest = text.partition(":")
        operator, _, value = rest.partition(":")
        fields.append(FilterField(column, operator, value, _refusal(text, listing)))
    return fields


def chips(address: Address, report: Report, zone_title: str) -> list[Chip]:
    """One for each filter that is right."""
    found = []
    for index, text in enumerate(address.filters):
        if _refusal(text, report.listing) is None:
            each = parse_filter(text, report.listing)
            in_full = dated(each, report.today)
            dates = "" if in_full == each else ", ".join(in_full.values)
            found.append(Chip(*filter_words(each, zone_title), dates, address.without_filter(index)))
    return found


def choices(listing: Listing, zone_title: str) -> list[Choice]:
    """Every column of the list."""
    return [
        Choice(column, column.title_in(zone_title), " ".join(column.type.operators))
        for column in listing.columns
    ]


def operator_choices() -> list[tuple[str, str]]:
    """Every operator by its name, and in words."""
    return [(str(operator), word) for operator, word in OPERATORS.items()]


def _refusal(text: str, listing: Listing) -> Refusal | None:
    try:
        parse_filter(text, listing)
    except BadQuery as bad:
        return bad.refusals[0]
    return None
