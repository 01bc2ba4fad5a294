"""What goes wrong with a page, as a page."""

import http
from collections.abc import Awaitable, Callable
from functools import wraps

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from projections.http.problems import RETRY_AFTER_S, Problem
from projections.query.database import DatabaseAway, QueryTooSlow
from projections.query.refusal import BadQuery
from projections.web.frame import page
from projections.web.places import PLACES

Handler = Callable[[Request], Awaitable[Response]]


def troubles_told(handler: Handler) -> Handler:
    """Answer with a page that says what is wrong, where the handler of a page raises it."""

    @wraps(handler)
    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except BadQuery as bad:
            return trouble_page(422, str(bad))
        except DatabaseAway as away:
            return trouble_page(503, f"{away}. Try again in a moment.")
        except QueryTooSlow as slow:
            return trouble_page(503, f"{slow}. Narrow the filters, or try again in a moment.")
        except Problem as problem:
            return trouble_page(problem.status, problem.detail)
        except HTTPException as error:
            return trouble_page(error.status_code, f"There is nothing at {request.url.path}.")

    return answer


def trouble_page(status: int, detail: str) -> Response:
    """A page that says what is wrong."""
    title = http.HTTPStatus(status).phrase
    content = {"pages": PLACES, "here": None, "status": status, "title": title, "detail": detail}
    response = page("trouble.html", content, status)
    if status == 503:
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    return response
