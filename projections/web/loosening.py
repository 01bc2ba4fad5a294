"""Where nothing matches: how many rows there would be without each of the filters."""

import asyncio
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from projections.query.filters import Match
from projections.query.page import read_count
from projections.query.report import Report
from projections.web.address import Address
from projections.web.words import filter_words

if TYPE_CHECKING:
    from projections.query.database import Reader

BUDGET_S = 1.5
"""For all counts together: each may be a scan, and the page waits for them."""


@dataclass(frozen=True, slots=True)
class Loosened:
    """A filter in words, what is left without it, and the address of that."""

    words: tuple[str, str, str]
    count: int
    address: Address


@dataclass(frozen=True, slots=True)
class Loosening:
    """The filters without which something is left, those that leave most first; of `untried` filters nobody
    knows, since the time was over.
    """

    found: list[Loosened]
    untried: int = 0


async def loosened(connection: "Reader", report: Report, address: Address, zone_title: str) -> Loosening:
    """What each filter takes away, as far as `BUDGET_S` goes. Nothing where any of several may match."""
    if report.match is Match.ANY and len(report.filters) > 1:
        return Loosening([])
    deadline = time.monotonic() + BUDGET_S
    found: list[Loosened] = []
    untried = 0
    # The one that was added last has mostly emptied the list: where time is short, it is known.
    for index, each in reversed(list(enumerate(report.filters))):
        others = tuple(other for place, other in enumerate(report.filters) if place != index)
        count = await _count_until(deadline, connection, replace(report, filters=others))
        if count is None:
            untried += 1
        elif count:
            found.append(Loosened(filter_words(each, zone_title), count, address.without_filter(index)))
    return Loosening(sorted(found, key=lambda each: -each.count), untried)


async def _count_until(deadline: float, connection: "Reader", report: Report) -> int | None:
    """How many rows there are; None where that is not known at the deadline (monotonic seconds)."""
    remaining_s = deadline - time.monotonic()
    if remaining_s <= 0:
        return None
    try:
        async with asyncio.timeout(remaining_s):
            return await read_count(connection, report)
    except TimeoutError:
        return None
