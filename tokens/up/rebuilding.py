"""Brings all rows to the zone, rules and time-zone data of this `up`, before anything is shown."""

from lifecycle.calendar import Calendar
from projections.fold_version import rebuild_cause
from projections.rebuild import rebuild
from tokens import clock
from tokens.database import connected
from tokens.servers import database_of
from tokens.settings import Settings
from tokens.up.supervisor import Say


async def rebuild_where_due(settings: Settings, say: Say) -> None:
    """Rebuild where the rows are of another version; one that was interrupted goes on. The tables are there."""
    calendar = Calendar(settings.zone)
    async with connected(database_of(settings)) as connection:
        cause = await rebuild_cause(connection, calendar)
    if cause is not None:
        say(f"rebuilding all rows: {cause}")
        done = await rebuild(database_of(settings), calendar, clock.now)
        say(f"rebuilt {done.tokens:,} tokens")
