"""The page of one service token: its life drawn, its row and why it says that, and all that was recorded."""

from collections.abc import Callable
from typing import Any

import orjson
from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from lifecycle.calendar import Calendar
from projections.columns import COLUMNS, TOKENS, zone_title
from projections.explain.answer import explanation_as_json
from projections.explain.evidence import read_evidence
from projections.explain.history import read_history
from projections.explain.parameters import read_as_of, read_history_request
from projections.explain.token import explain_token
from projections.explain.unknown import UnknownToken
from projections.http.credentials import organizations_in_scope
from projections.http.database import ReportDatabase
from projections.http.query_string import query_pairs
from projections.http.raw_path import raw_rest, serial_of
from projections.query.refusal import BadQuery, Refusal
from projections.web.address import Address, Pair, token_path
from projections.web.composing import composed, is_form
from projections.web.frame import page
from projections.web.places import PLACES
from projections.web.refusing import troubles_told
from projections.web.timeline import WIDTH, Timeline, timeline_of
from projections.web.words import field_moment

_TOKENS = "/tokens/"
_HISTORY = "/history"


def token_page_routes(database: ReportDatabase, calendar: Calendar, clock: Callable[[], int]) -> APIRouter:
    """`GET /tokens/{serial}` and `GET /tokens/{serial}/history`."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/tokens/{serial:path}")
    @troubles_told
    async def show(request: Request) -> Response:
        rest = raw_rest(request, _TOKENS)
        pairs = query_pairs(request)
        try:
            if rest.endswith(_HISTORY):
                return await history(request, serial_of(rest.removesuffix(_HISTORY)), pairs)
            return await token(request, serial_of(rest), pairs)
        except UnknownToken as unknown:
            return _unknown(unknown)

    async def token(request: Request, serial: str, pairs: list[Pair]) -> Response:
        address = Address(token_path(serial), tuple(pairs))
        if is_form(pairs):
            return RedirectResponse(str(composed(address.path, pairs, TOKENS, calendar)), 303)
        scope, now = organizations_in_scope(request), clock()
        refusals: tuple[Refusal, ...] = ()
        as_of = now
        try:
            as_of = read_as_of(pairs, now)
        except BadQuery as bad:
            refusals = bad.refusals
        async with (
            database.querying() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            explained = await explain_token(connection, serial, as_of, scope)
            timeline = timeline_of(await read_evidence(connection, serial), as_of, now)
        content = _frame_of(serial) | {
            "address": address,
            "refusals": refusals,
            "told": explanation_as_json(explained),
            "timeline": timeline,
            "lines": _lines(timeline),
            "as_of": as_of,
            "now": now,
            "width": WIDTH,
            "columns": COLUMNS,
            "zone": zone_title(calendar.zone_name),
            "zone_name": calendar.zone_name,
            "field_moment": field_moment(as_of, calendar.zone_name),
        }
        return page("token.html", content, 422 if refusals else 200)

    async def history(request: Request, serial: str, pairs: list[Pair]) -> Response:
        asked = read_history_request(serial, pairs, organizations_in_scope(request), clock())
        async with database.querying() as connection:
            # As a reader of the API has it: `data` is JSON within.
            found = orjson.loads(orjson.dumps(await read_history(connection, asked)))
        address = Address(f"{token_path(serial)}{_HISTORY}", tuple(pairs))
        following = None if found["next"] is None else address.having(after=found["next"])
        facts = [fact | {"data": _indented(fact["data"])} for fact in found["facts"]]
        return page("history.html", _frame_of(serial) | {"facts": facts, "next": following})

    return routes


def _frame_of(serial: str) -> dict[str, Any]:
    return {"pages": PLACES, "here": None, "serial": serial, "token_path": token_path(serial)}


def _indented(data: object) -> str:
    return orjson.dumps(data, option=orjson.OPT_INDENT_2).decode()


def _lines(timeline: Timeline) -> list[tuple[float, bool]]:
    """Where moments are in the picture, and whether they had no effect."""
    return [(round(timeline.x(moment.at), 2), moment.is_refused) for moment in timeline.moments]


def _unknown(unknown: UnknownToken) -> Response:
    history = f"{token_path(unknown.serial)}{_HISTORY}" if unknown.is_in_journal else None
    content = _frame_of(unknown.serial) | {"detail": str(unknown), "history": history}
    return page("unknown_token.html", content, 404)
