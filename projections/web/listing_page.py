"""The page of a list: its table, and all that is asked of it."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.responses import RedirectResponse, Response

from lifecycle.calendar import Calendar
from projections.columns import zone_title
from projections.export.formats import Format
from projections.http.credentials import organizations_in_scope
from projections.http.database import ReportDatabase
from projections.http.query_string import query_pairs
from projections.query.page import Page, read_page
from projections.query.report import Report
from projections.web.address import Address, Pair
from projections.web.asking import Asked, read_asked
from projections.web.cells import rows_html
from projections.web.composing import (
    ALL_AGAIN,
    ONE_MORE,
    chooses_columns,
    composed,
    is_form,
)
from projections.web.filter_fields import FilterField, chips, choices, filter_fields, operator_choices
from projections.web.frame import page
from projections.web.heads import heads_of, with_key
from projections.web.later import later_address
from projections.web.listed import ListedPage
from projections.web.loosening import Loosening, loosened
from projections.web.places import PLACES
from projections.web.refusing import troubles_told
from projections.web.words import field_moment

if TYPE_CHECKING:
    from projections.query.database import Reader

LIMITS = (50, 100, 250, 1_000)
_COOKIE_AGE_S = 365 * 86_400


def listing_page_routes(
    shown: ListedPage, database: ReportDatabase, calendar: Calendar, clock: Callable[[], int]
) -> APIRouter:
    """`GET` of the page of a list, which takes what the call of its API takes."""
    routes = APIRouter(include_in_schema=False)
    listing = shown.listing

    @routes.get(shown.path)
    @troubles_told
    async def show(request: Request) -> Response:
        pairs = query_pairs(request)
        if is_form(pairs) and ONE_MORE not in dict(pairs):
            return _redirect(shown, pairs, calendar)
        remembered = request.cookies.get(shown.columns_cookie)
        if not pairs and remembered and _is_choice(remembered, listing.keys):
            return RedirectResponse(
                str(Address(shown.path, (("columns", remembered.replace(".", ",")),))), 303
            )
        # Another empty filter is asked for with everything else in the fields as it is.
        empty_fields = 2 if is_form(pairs) else 1
        address = (
            composed(shown.path, pairs, listing, calendar)
            if is_form(pairs)
            else Address(shown.path, tuple(pairs))
        )
        asked = read_asked(address.pairs, organizations_in_scope(request), clock(), calendar, listing)
        result: Page | None = None
        loosen = Loosening([])
        if asked.request is not None:
            async with database.querying() as connection:
                result = await _read(connection, asked)
                if not result.rows and asked.report.filters and asked.request.after is None:
                    zone = zone_title(calendar.zone_name)
                    loosen = await loosened(connection, asked.report, address, zone)
        content = _content(shown, asked, address, result, loosen, calendar, empty_fields)
        return page("listing.html", content, 200 if asked.request is not None else 422)

    return routes


async def _read(connection: "Reader", asked: Asked) -> Page:
    assert asked.request is not None
    report = replace(asked.report, columns=with_key(asked.report))
    return await read_page(connection, replace(asked.request, report=report))


def _content(
    shown: ListedPage,
    asked: Asked,
    address: Address,
    result: Page | None,
    loosen: Loosening,
    calendar: Calendar,
    empty_fields: int,
) -> dict[str, object]:
    zone = zone_title(calendar.zone_name)
    report, request = asked.report, asked.request
    listing = shown.listing
    rows = [] if result is None else _rows(shown, report, result.rows)
    is_whole = request is not None and request.after is None and result is not None and result.next is None
    return {
        "pages": PLACES,
        "here": shown.path,
        "shown": shown,
        "listing": listing,
        "zone": zone,
        "zone_name": calendar.zone_name,
        "address": address,
        "report": report,
        "asked": asked,
        "heads": heads_of(report, address, zone),
        "rows": rows,
        "count": len(rows) if is_whole else (None if result is None else result.count),
        "is_later_page": request is not None and request.after is not None,
        "next": None if result is None or result.next is None else _next(address, result.next),
        "chips": chips(address, report, zone),
        "fields": [*filter_fields(address.filters, listing), *[FilterField()] * empty_fields],
        "is_filtering": empty_fields > 1 or bool(asked.refusals_of("filter", "match")),
        "choices": choices(listing, zone),
        "operators": operator_choices(),
        "loosened": loosen,
        "field_moment": field_moment(report.as_of, calendar.zone_name),
        "limits": LIMITS,
        "limit": None if request is None else request.limit,
        "formats": [str(each) for each in Format],
        "exports": _exports(shown, asked, address),
        "glance_later": later_address("/summary-part", address, report.as_of),
        "count_later": later_address(shown.count_path, address, report.as_of),
        "hidden": tuple(column for column in listing.columns if column not in report.columns),
    }


def _rows(shown: ListedPage, report: Report, rows: list[dict[str, object]]) -> list[Markup]:
    listing = shown.listing
    return rows_html(listing.name, listing.key, report.columns, rows, can_pick=shown.has_actions)


def _exports(shown: ListedPage, asked: Asked, address: Address) -> list[tuple[str, Address]]:
    """The two exports by their labels; a format is still to be added."""
    kept = tuple(address.others("columns", "limit", "count"))
    visible = ",".join(column.key for column in asked.report.columns)
    return [
        ("Export (visible columns)", Address(shown.export_path, (*kept, ("columns", visible)))),
        ("Export (all columns)", Address(shown.export_path, (*kept, ("columns", "all")))),
    ]


def _next(address: Address, cursor: str) -> Address:
    return address.having(after=cursor)


def _redirect(shown: ListedPage, pairs: list[Pair], calendar: Calendar) -> Response:
    """To the address that a form means; the columns chosen are remembered."""
    address = composed(shown.path, pairs, shown.listing, calendar)
    columns = address.one("columns")
    if chooses_columns(pairs) and columns is None and not address.pairs:
        # Without any parameter the columns remembered would come back.
        address = address.having(columns="all")
    response = RedirectResponse(str(address), 303)
    if chooses_columns(pairs):
        if columns is None or ALL_AGAIN in dict(pairs):
            response.delete_cookie(shown.columns_cookie)
        else:
            response.set_cookie(
                shown.columns_cookie,
                columns.replace(",", "."),
                max_age=_COOKIE_AGE_S,
                httponly=True,
                samesite="lax",
            )
    return response


def _is_choice(remembered: str, keys: tuple[str, ...]) -> bool:
    """Whether the columns remembered still exist."""
    chosen = remembered.split(".")
    return len(set(chosen)) == len(chosen) and set(chosen) <= set(keys)
