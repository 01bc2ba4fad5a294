"""The lists that have a page."""

from dataclasses import dataclass

from projections.columns import TOKENS
from projections.listing import Listing


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


TOKENS_PAGE = ListedPage(TOKENS, "/", "Service Tokens", "/api/export", has_summary=True)

LISTED_PAGES = (TOKENS_PAGE,)
