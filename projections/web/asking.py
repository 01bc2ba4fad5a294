"""What a page is asked for: as much of it as is right, and everything that is wrong."""

from collections.abc import Sequence
from dataclasses import dataclass

from lifecycle.calendar import Calendar
from projections.listing import Listing
from projections.query.page import PageRequest
from projections.query.parameters import PAGE_PARAMETERS, Given, read_page_request, read_report
from projections.query.refusal import BadQuery, Refusal
from projections.query.report import Report
from projections.query.scope import Scope
from projections.web.address import Pair


@dataclass(frozen=True, slots=True)
class Asked:
    """`request` is None where something is wrong; `report` then holds what is right."""

    report: Report
    request: PageRequest | None
    refusals: tuple[Refusal, ...] = ()

    def refusals_of(self, *parameters: str) -> list[Refusal]:
        """What is wrong with these parameters."""
        return [refusal for refusal in self.refusals if refusal.parameter in parameters]

    def refusals_of_others(self, *parameters: str) -> list[Refusal]:
        """What is wrong with all but these parameters."""
        return [refusal for refusal in self.refusals if refusal.parameter not in parameters]


def read_asked(pairs: Sequence[Pair], scope: Scope, now: int, calendar: Calendar, listing: Listing) -> Asked:
    """The page asked for; `now` is an instant in microseconds."""
    try:
        request = read_page_request(pairs, scope, now, calendar, listing)
    except BadQuery as bad:
        report = read_report(Given(pairs, PAGE_PARAMETERS), scope, now, calendar, listing)
        return Asked(report, None, bad.refusals)
    return Asked(request.report, request)
