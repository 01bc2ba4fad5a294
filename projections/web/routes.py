"""The pages, all of them."""

from collections.abc import Callable

from fastapi import APIRouter

from lifecycle.calendar import Calendar
from projections.http.database import ReportDatabase
from projections.http.request_body import Room
from projections.web.apply_page import apply_page
from projections.web.counting import counting_routes
from projections.web.glance import glance_routes
from projections.web.listed import LISTED_PAGES
from projections.web.listing_page import listing_page_routes
from projections.web.result_file import result_file_routes
from projections.web.static_files import static_routes
from projections.web.token_page import token_page_routes
from projections.web.transfer_page import transfer_page
from projections.web.write_page import write_page_routes
from projections.writing.writer import Writer


def web_routes(
    database: ReportDatabase, calendar: Calendar, clock: Callable[[], int], writer: Writer, room: Room
) -> APIRouter:
    """`/` and all that it leads to."""
    routes = APIRouter()
    routes.include_router(static_routes())
    for each in LISTED_PAGES:
        routes.include_router(listing_page_routes(each, database, calendar, clock))
        routes.include_router(counting_routes(each, database, calendar, clock))
    routes.include_router(glance_routes(database, calendar, clock))
    routes.include_router(token_page_routes(database, calendar, clock))
    routes.include_router(write_page_routes(transfer_page(writer), database, calendar, writer, room))
    routes.include_router(write_page_routes(apply_page(writer), database, calendar, writer, room))
    routes.include_router(result_file_routes())
    return routes
