"""The columns of the list of stations, as `TOKENS` declares those of the report."""

from lifecycle.coverage import Coverage
from projections.listing import Column, ColumnType, Listing

STATION_COLUMNS: tuple[Column, ...] = (
    Column("station_serial", "Station S/N", ColumnType.TEXT, "The station's serial number."),
    Column(
        "station_name",
        "Station Name",
        ColumnType.TEXT,
        "The name that came last, by then, with a token's application to the station.",
    ),
    Column(
        "org_id",
        "Org ID",
        ColumnType.TEXT,
        "The owner of the active token, else of the token that was applied last of those on the station, else of "
        "the one that left it last.",
    ),
    Column("org_name", "Org Name", ColumnType.TEXT, "That organization's name."),
    Column(
        "coverage",
        "Coverage",
        ColumnType.STATUS,
        f"{', '.join(list(Coverage)[:-1])} or {list(Coverage)[-1]}, at that instant.",
        choices=tuple(Coverage),
    ),
    Column(
        "started_on",
        "Started ({zone})",
        ColumnType.DATE,
        "The local date of the first activation that the station ever reported; empty before that instant.",
    ),
    Column(
        "covered_until",
        "Covered Until ({zone})",
        ColumnType.DATE,
        "The last local date of the cover that lasts from that instant without a break: the active token's term, "
        "and the queued ones that start before it ends. Empty without cover, and where no end is known.",
    ),
    Column(
        "active_token",
        "Active Token",
        ColumnType.TEXT,
        "The token that is Active on the station; of several the one that ends last.",
    ),
    Column(
        "queued_tokens",
        "Queued Tokens",
        ColumnType.LIST,
        "The tokens on the station that have not started, in the order in which they will.",
    ),
    Column(
        "gap_since",
        "Gap Since ({zone})",
        ColumnType.DATE,
        "The first local date without cover, wholly or in part; empty without a gap.",
    ),
    Column(
        "overlapping_tokens",
        "Overlapping Tokens",
        ColumnType.LIST,
        "Tokens Active on the station beside another that ends later, at the same EVSE or where either of the two "
        "covers the whole station.",
    ),
    Column(
        "active_tokens",
        "Active Tokens",
        ColumnType.LIST,
        "All tokens that are Active on the station, the one that ends last first; shown only when named.",
        is_standard=False,
    ),
)
"""Every column, in the order in which the list shows them."""

STATIONS = Listing("stations", "station", "stations", STATION_COLUMNS, "stations_at", "station_serial")
"""A row for each station that was known by an instant."""
