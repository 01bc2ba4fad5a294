"""The report at a glance: its counts drawn as bars, each of which leads to the rows behind it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from fastapi import APIRouter, Request
from starlette.responses import Response

from lifecycle.anomalies import ANOMALIES
from lifecycle.calendar import Calendar
from projections.columns import TOKENS, zone_title
from projections.http.credentials import organizations_in_scope
from projections.http.database import ReportDatabase
from projections.http.query_string import query_pairs
from projections.query.refusal import BadQuery
from projections.summary.summary import Bucket, Summary, read_summary
from projections.web.address import Address
from projections.web.asking import read_asked
from projections.web.filter_fields import chips
from projections.web.frame import page
from projections.web.later import pinned
from projections.web.listed import TOKENS_PAGE
from projections.web.places import PLACES
from projections.web.refusing import troubles_told

_LEAST_SHARE = 0.02
"""Of the longest bar: what counts at all is seen."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A bucket. `share` is of the longest of its kind; `address` is None where there is nothing behind it."""

    name: str
    words: str
    count: int
    share: float
    address: Address | None


@dataclass(frozen=True, slots=True)
class Glance:
    """All bars."""

    count: int
    statuses: list[Bar]
    months: list[Bar]
    beside_months: list[Bar]
    anomalies: list[Bar]
    is_dead: bool
    """Whether no bar leads anywhere, whatever is behind it: no filter can be added to those of the page."""


def glance_routes(database: ReportDatabase, calendar: Calendar, clock: Callable[[], int]) -> APIRouter:
    """`GET /summary`, a page, and `/summary-part`, which the page of the report takes into itself."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/summary")
    @troubles_told
    async def whole(request: Request) -> Response:
        return await answer(request, "summary.html")

    @routes.get("/summary-part")
    @troubles_told
    async def part(request: Request) -> Response:
        return await answer(request, "summary_part.html")

    async def answer(request: Request, template: str) -> Response:
        pairs, now = pinned(query_pairs(request), clock())
        asked = read_asked(pairs, organizations_in_scope(request), now, calendar, TOKENS)
        if asked.refusals:
            raise BadQuery(*asked.refusals)
        async with database.querying() as connection:
            summary = await read_summary(connection, asked.report)
        address = Address(TOKENS_PAGE.path, tuple(pairs))
        content = {
            "pages": PLACES,
            "here": None,
            "address": address,
            "report": asked.report,
            "listing": TOKENS,
            "chips": chips(address, asked.report, zone_title(calendar.zone_name)),
            "zone_name": calendar.zone_name,
            "glance": glance_of(summary, address),
        }
        return page(template, content)

    return routes


def glance_of(summary: Summary, address: Address) -> Glance:
    """The bars of a summary, which lead to the page at the address with the filters of theirs added."""
    expirations = summary.expirations
    months = [
        (_letter(_month(bucket)), f"expire in {_month(bucket):%B %Y}", bucket)
        for bucket in expirations.months
    ]
    beside = [
        ("Earlier", "expired before that", expirations.earlier),
        ("Later", "expire after that", expirations.later),
        ("Without a date", "have no expiration date yet", expirations.none),
    ]
    return Glance(
        summary.count,
        _bars(((str(each.value), f"are {each.value}", each) for each in summary.statuses), address),
        _bars(months, address),
        _bars(beside, address),
        _bars(
            ((str(each.value), ANOMALIES[str(each.value)], each) for each in summary.anomalies.kinds), address
        ),
        all(each.filters is None for each in summary.statuses),
    )


def _letter(month: date) -> str:
    """Of a month, below its bar; of a January, the year."""
    return f"’{month:%y}" if month.month == 1 else f"{month:%B}"[0]


def _month(bucket: Bucket) -> date:
    return date.fromisoformat(f"{bucket.value}-01")


def _bars(buckets: Iterable[tuple[str, str, Bucket]], address: Address) -> list[Bar]:
    given = list(buckets)
    most = max((bucket.count for *_, bucket in given), default=0)
    return [
        Bar(
            name,
            words,
            bucket.count,
            max(bucket.count / most, _LEAST_SHARE) if bucket.count else 0.0,
            _behind(bucket, address),
        )
        for name, words, bucket in given
    ]


def _behind(bucket: Bucket, address: Address) -> Address | None:
    if bucket.filters is None or not bucket.count:
        return None
    kept = address.filters
    return address.with_filters([*kept, *(each for each in bucket.filters if each not in kept)]).having(
        match=None
    )
