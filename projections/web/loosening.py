"""Where nothing matches: how many rows there would be without each of the filters."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from projections.query.filters import Match
from projections.query.page import read_count
from projections.query.report import Report
from projections.web.address import Address
from projections.web.words import filter_words

if TYPE_CHECKING:
    from projections.query.database import Reader

MAX_TRIED = 10
"""Each takes a count."""


@dataclass(frozen=True, slots=True)
class Loosened:
    """A filter in words, what is left without it, and the address of that."""

    words: tuple[str, str, str]
    count: int
    address: Address


async def loosened(connection: "Reader", report: Report, address: Address, zone_title: str) -> list[Loosened]:
    """The filters without which something is left, those that leave most first. None where any may match."""
    if report.match is Match.ANY and len(report.filters) > 1:
        return []
    found = []
    for index, each in enumerate(report.filters[:MAX_TRIED]):
        others = tuple(other for place, other in enumerate(report.filters) if place != index)
        count = await read_count(connection, replace(report, filters=others))
        if count:
            found.append(Loosened(filter_words(each, zone_title), count, address.without_filter(index)))
    return sorted(found, key=lambda each: -each.count)
