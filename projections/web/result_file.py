"""The results of a request that wrote, as a file: made when they are shown, and sent back when they are wanted."""

import csv
import io
import re
from collections.abc import Sequence

from fastapi import APIRouter, Request
from starlette.responses import Response

from projections.web.refusing import troubles_told
from projections.web.sent_form import read_sent_form
from projections.writing.results import ItemResult

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
_HEAD = ("Token S/N", "Outcome", "Reason", "Message", "Warnings", "Event ID")


def as_csv(results: Sequence[ItemResult]) -> str:
    """A row of titles, then one for each result; text that a spreadsheet would run gets a `'` in front."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(_HEAD)
    for each in results:
        cells = (
            each.token_serial,
            "accepted" if each.is_accepted else "refused",
            each.reason or "",
            each.message,
            "; ".join(caution.message for caution in each.cautions),
            each.event_id or "",
        )
        writer.writerow([f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell for cell in cells])
    return file.getvalue()


def result_file_routes() -> APIRouter:
    """`POST /results.csv`, which gives back the file that the page of the results holds."""
    routes = APIRouter(include_in_schema=False)

    @routes.post("/results.csv")
    @troubles_told
    async def download(request: Request) -> Response:
        form = await read_sent_form(request)
        name = re.sub("[^a-z0-9-]", "", form.one("name")) or "results"
        headers = {
            "Content-Disposition": f'attachment; filename="{name}.csv"',
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        }
        # Forms write every line end as CR LF, whatever it was within a cell.
        return Response(form.one("file").encode(), headers=headers, media_type="text/csv; charset=utf-8")

    return routes
