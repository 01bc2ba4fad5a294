"""What is asked of the report, once it has been found right."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import orjson

from lifecycle.calendar import Calendar
from projections.columns import STANDARD_COLUMNS, TOKENS
from projections.listing import Column, Listing
from projections.query.filters import Filter, Match
from projections.query.scope import AllOrganizations, Scope
from projections.query.sorting import BY_KEY, Sort


@dataclass(frozen=True, slots=True)
class Among:
    """Cells, exact ones of the text column `key`; the first ones alone, in order, where there are more."""

    key: str
    cells: Sequence[str]
    has_more: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """The rows asked for, in order. `as_of` is an instant in microseconds since 1970 in UTC.

    Relative dates in filters count from its date in the zone of the `calendar`. `among` says no more than the
    filters do, in a way to which indexes lead: each row that passes them is in one of these. Empty: not known.
    """

    scope: Scope
    as_of: int
    calendar: Calendar
    filters: tuple[Filter, ...] = ()
    match: Match = Match.ALL
    sort: Sort = BY_KEY
    columns: tuple[Column, ...] = STANDARD_COLUMNS
    listing: Listing = TOKENS
    among: tuple[Among, ...] = ()

    def today(self) -> date:
        """The local date of the report's instant; the first or last of all dates where it lies beyond them."""
        try:
            return self.calendar.local_date(self.as_of)
        except (OverflowError, ValueError):
            return date.min if self.as_of < 0 else date.max

    def fingerprint(self) -> bytes:
        """What a cursor belongs to: listing, scope, filters, match and sort.

        The columns are not in it: they change what is shown of the rows, not which come or in what order.
        Neither is `as_of`, which the cursor itself holds.
        """
        scope = None if isinstance(self.scope, AllOrganizations) else sorted(self.scope.org_ids)
        filters = [[each.column.key, each.operator, each.values] for each in self.filters]
        sort = [self.sort.column and self.sort.column.key, self.sort.descending]
        identity = [self.listing.name, scope, filters, self.match, sort]
        return hashlib.blake2b(orjson.dumps(identity), digest_size=16).digest()
