"""What is asked of the report, once it has been found right."""

import hashlib
from dataclasses import dataclass

import orjson

from projections.columns import STANDARD_COLUMNS, Column
from projections.query.filters import Filter, Match
from projections.query.scope import AllOrganizations, Scope
from projections.query.sorting import BY_SERIAL, Sort


@dataclass(frozen=True, slots=True)
class Report:
    """The rows asked for, in order. `as_of` is an instant in microseconds since 1970 in UTC."""

    scope: Scope
    as_of: int
    filters: tuple[Filter, ...] = ()
    match: Match = Match.ALL
    sort: Sort = BY_SERIAL
    columns: tuple[Column, ...] = STANDARD_COLUMNS

    def fingerprint(self) -> bytes:
        """What a cursor belongs to: scope, filters, match and sort.

        The columns are not in it: they change what is shown of the rows, not which come or in what order.
        Neither is `as_of`, which the cursor itself holds.
        """
        scope = None if isinstance(self.scope, AllOrganizations) else sorted(self.scope.org_ids)
        filters = [[each.column.key, each.operator, each.values] for each in self.filters]
        sort = [self.sort.column and self.sort.column.key, self.sort.descending]
        return hashlib.blake2b(orjson.dumps([scope, filters, self.match, sort]), digest_size=16).digest()
