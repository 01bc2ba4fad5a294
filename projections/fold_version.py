"""Which rules, zone and time-zone data rows are folded with: a number, kept with every row."""

from typing import Any

from lifecycle.calendar import TIME_ZONE_DATA_VERSION, Calendar
from lifecycle.fold import RULES_VERSION


async def fold_version(connection: Any, calendar: Calendar) -> int:
    """The number of this process's version of the fold, given to it where it is new."""
    version = (RULES_VERSION, calendar.zone_name, TIME_ZONE_DATA_VERSION)
    await connection.execute(
        """
        insert into fold_versions (rules, zone, time_zone_data) values ($1, $2, $3)
        on conflict do nothing
        """,
        *version,
    )
    # A statement of its own: the one above does not see a row that another worker made while it waited for it.
    number: int = await connection.fetchval(
        "select fold_version from fold_versions where (rules, zone, time_zone_data) = ($1, $2, $3)", *version
    )
    return number
