"""How many rows a list has, for a page that did not wait for it."""

from collections.abc import Callable

from fastapi import APIRouter, Request
from starlette.responses import Response

from lifecycle.calendar import Calendar
from projections.http.credentials import organizations_in_scope
from projections.http.database import ReportDatabase
from projections.http.query_string import query_pairs
from projections.query.page import read_count
from projections.query.refusal import BadQuery
from projections.web.asking import read_asked
from projections.web.frame import page
from projections.web.later import pinned
from projections.web.listed import ListedPage
from projections.web.refusing import troubles_told


def counting_routes(
    shown: ListedPage, database: ReportDatabase, calendar: Calendar, clock: Callable[[], int]
) -> APIRouter:
    """`GET` of the count of a list, by the parameters of its page."""
    routes = APIRouter(include_in_schema=False)

    @routes.get(shown.count_path)
    @troubles_told
    async def count(request: Request) -> Response:
        pairs, now = pinned(query_pairs(request), clock())
        asked = read_asked(pairs, organizations_in_scope(request), now, calendar, shown.listing)
        if asked.refusals:
            raise BadQuery(*asked.refusals)
        async with database.querying() as connection:
            found = await read_count(connection, asked.report)
        return page("count_part.html", {"count": found, "listing": shown.listing})

    return routes
