"""The lists that have a page."""

from dataclasses import dataclass

from projections.columns import TOKENS
from projections.listing import Listing
from projections.orders.columns import ORDERS
from projections.stations.columns import STATIONS


@dataclass(frozen=True, slots=True)
class ListedPage:
    """A list as a page: where it is, what its breadcrumb ends with, and the call that exports it.

    `has_actions` where its rows are service tokens that can be transferred and applied, `has_summary` where
    there are counts of them to be drawn.
    """

    listing: Listing
    path: str
    title: str
    export_path: str
    has_actions: bool = False
    has_summary: bool = False

    @property
    def columns_cookie(self) -> str:
        """Remembers the columns chosen."""
        return f"columns.{self.listing.name}"

    @property
    def count_path(self) -> str:
        """Where its rows are counted."""
        return f"{self.path.rstrip('/')}/count"


TOKENS_PAGE = ListedPage(TOKENS, "/", "Service Tokens", "/api/export", has_actions=True, has_summary=True)
STATIONS_PAGE = ListedPage(STATIONS, "/stations", "Stations", "/api/stations/export")
ORDERS_PAGE = ListedPage(ORDERS, "/orders", "Orders", "/api/orders/export")

LISTED_PAGES = (TOKENS_PAGE, STATIONS_PAGE, ORDERS_PAGE)
