"""What the demo shows at its end: counts by status, a few rows of each, the page to open and three commands to try."""

import sys
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from lifecycle.calendar import Calendar
from lifecycle.stages import Status
from projections.columns import zone_title
from projections.query.database import DatabaseAway, QueryTooSlow, reading
from projections.query.filters import parse_filter
from projections.query.page import Page, PageRequest, read_page
from projections.query.report import Report
from projections.query.scope import AllOrganizations
from tokens import clock
from tokens.failure import Failure
from tokens.report_page import show_page
from tokens.servers import database_of
from tokens.settings import Settings
from tokens.up.up import reachable

_ROWS_OF_EACH_STATUS = 2
_QUERY_SECONDS = 30.0


async def show_first_look(settings: Settings) -> None:
    """Print counts and rows. Raises Failure where the report cannot be read."""
    now, calendar = clock.now(), Calendar(settings.zone)
    requests = {
        status: PageRequest(
            Report(AllOrganizations(), now, calendar, filters=(parse_filter(f"status:is:{status}"),)),
            _ROWS_OF_EACH_STATUS,
            count=True,
        )
        for status in Status
    }
    try:
        async with reading(database_of(settings), _QUERY_SECONDS) as connection:
            pages = {status: await read_page(connection, request) for status, request in requests.items()}
    except (DatabaseAway, QueryTooSlow) as error:
        raise Failure(str(error)) from error
    _show_counts({status: page.count or 0 for status, page in pages.items()})
    everything = PageRequest(
        Report(AllOrganizations(), now, calendar), limit=len(Status) * _ROWS_OF_EACH_STATUS
    )
    some = [row for page in pages.values() for row in page.rows]
    total = sum(page.count or 0 for page in pages.values())
    show_page(Page(some, None, total), everything, zone_title(settings.zone), fit=True)


def commands_to_try(settings: Settings, *, is_up: bool) -> Iterator[str]:
    """The page to open, and three commands for the same terminal, or another one, in the same folder."""
    program = sys.argv[0] if Path(sys.argv[0]).name == "tokens" else "tokens"
    yield "Try:" if is_up else f"All is stopped. `{program} up` starts it again; then try:"
    yield f"  http://{reachable(settings.http)}/ in a browser"
    yield f"  {program} query --filter status:is:Active --sort expiration_date --limit 20"
    yield f"  {program} export --columns all > service-tokens.csv"
    yield f"  curl 'http://{reachable(settings.http)}/api/tokens?filter=status:is:Expired&limit=2'"


def _show_counts(counts: dict[Status, int]) -> None:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("Status")
    table.add_column("Tokens", justify="right")
    for status, count in counts.items():
        table.add_row(status, f"{count:,}")
    console = Console(highlight=False)
    console.print()
    console.print(table)
    console.print()
