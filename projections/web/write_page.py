"""The pages that write: fill in, look at what would happen to each token and why not, do it, see what became of it.

Each step is a form sent to the same address, so that all of it works without a script; what is to be done stands
in the form that does it. That form has a key: sent twice, it is done once.
"""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from fastapi import APIRouter, Request
from starlette.responses import Response

from lifecycle.calendar import Calendar
from projections.columns import zone_title
from projections.http.credentials import organizations_in_scope
from projections.http.database import ReportDatabase
from projections.http.request_body import Room
from projections.publishing.message import NotPublished
from projections.query.scope import Scope
from projections.web.frame import page
from projections.web.places import PLACES
from projections.web.refusing import troubles_told
from projections.web.result_file import as_csv
from projections.web.sent_form import SentForm, read_sent_form
from projections.writing.body import BodyError, WrongBody
from projections.writing.kept_answers import KeyInProgress, KeyOfAnother
from projections.writing.results import ItemResult, Written
from projections.writing.writer import Writer

WAIT_S = 5.0
"""For the report to show what was published, before the page says that it will."""
_ASK_AGAIN_S = 0.2
_MOST_ASKED = 50

Item = TypeVar("Item")
Result = TypeVar("Result", bound=ItemResult)
Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class WritePage(Generic[Item, Result]):
    """What differs between the pages.

    `fields` are the values of a form as typed, `items` makes of them what the writer takes (it raises
    `WrongBody`), `field_of` tells beside which field an error belongs. `undo` makes the forms that take results
    back.
    """

    path: str
    title: str
    template: str
    fields: Callable[[SentForm], Fields]
    serials: Callable[[Fields, "ReportDatabase"], Awaitable[Fields]]
    items: Callable[[Fields, Calendar], list[Item]]
    field_of: Callable[[BodyError], str]
    preview: Callable[[Sequence[Item], Scope], Awaitable[list[Result]]]
    write: Callable[[Sequence[Item], Scope, str], Awaitable[Written[Result]]]
    undo: Callable[[list[Result]], list[Fields]]


def write_page_routes(
    shown: WritePage[Item, Result],
    database: ReportDatabase,
    calendar: Calendar,
    writer: Writer,
    room: Room,
) -> APIRouter:
    """`GET` and `POST` of such a page."""
    routes = APIRouter(include_in_schema=False)

    @routes.get(shown.path)
    @troubles_told
    async def empty(request: Request) -> Response:  # noqa: ARG001 - the decorator passes it on by this name
        return _page(shown, calendar, shown.fields(SentForm([])))

    @routes.post(shown.path)
    @troubles_told
    async def filled(request: Request) -> Response:
        async with room.taken():
            form = await read_sent_form(request)
            fields = await shown.serials(shown.fields(form), database)
            if form.one("step") not in ("preview", "do"):
                return _page(shown, calendar, fields)
            try:
                items = shown.items(fields, calendar)
            except WrongBody as wrong:
                return _page(shown, calendar, fields, errors=_beside(shown, wrong), status=422)
            scope = organizations_in_scope(request)
            if form.one("step") == "preview":
                results = await shown.preview(items, scope)
                return _page(shown, calendar, fields, results=results, key=uuid.uuid4().hex)
            key = form.one("key")
            try:
                written = await _written(shown, items, scope, key)
            except (NotPublished, KeyInProgress) as later:
                # The key stays: what was done of it already is not done again.
                detail = f"{later}. Try again in a moment; what was done already is not done twice."
                return await _not_done(items, scope, fields, key, detail, 503)
            except KeyOfAnother as another:
                return await _not_done(items, scope, fields, uuid.uuid4().hex, f"{another}.", 409)
        return _page(shown, calendar, fields, done=await writer.wait(written, WAIT_S))

    async def _not_done(
        items: list[Item], scope: Scope, fields: Fields, key: str, detail: str, status: int
    ) -> Response:
        results = await shown.preview(items, scope)
        return _page(shown, calendar, fields, results=results, key=key, trouble=detail, status=status)

    return routes


async def _written(
    shown: WritePage[Item, Result], items: list[Item], scope: Scope, key: str
) -> Written[Result]:
    """A second click comes while the first is being answered: it waits for the same answer."""
    for _ in range(_MOST_ASKED):
        try:
            return await shown.write(items, scope, key)
        except KeyInProgress:
            await asyncio.sleep(_ASK_AGAIN_S)
    return await shown.write(items, scope, key)


def _beside(shown: WritePage[Item, Result], wrong: WrongBody) -> dict[str, list[str]]:
    beside: dict[str, list[str]] = {}
    for error in wrong.errors:
        beside.setdefault(shown.field_of(error), []).append(error.words)
    return beside


def _page(
    shown: WritePage[Item, Result],
    calendar: Calendar,
    fields: Fields,
    *,
    errors: dict[str, list[str]] | None = None,
    results: list[Result] | None = None,
    done: Written[Result] | None = None,
    key: str = "",
    trouble: str = "",
    status: int = 200,
) -> Response:
    told = results if done is None else done.results
    content = {
        "pages": PLACES,
        "here": shown.path,
        "shown": shown,
        "zone": zone_title(calendar.zone_name),
        "fields": fields,
        "errors": errors or {},
        "results": told,
        "accepted": sum(each.is_accepted for each in told or ()),
        "done": done,
        "key": key,
        "trouble": trouble,
        "undo": [] if done is None else shown.undo(done.results),
        "file": None if done is None else as_csv(done.results),
    }
    return page(shown.template, content, status)
