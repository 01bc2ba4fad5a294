"""One page of a diff, read from Postgres."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from projections.diff.request import DiffRequest, fingerprint
from projections.diff.statement import count_statement, diff_statement
from projections.query.cursor import sealed
from schemas.instants import format_instant

if TYPE_CHECKING:
    from projections.query.database import Reader

Cells = dict[str, object]


@dataclass(frozen=True, slots=True)
class Difference:
    """How a token's row differs: the cells that do, by column, at the two instants.

    Where it was in no report at one of them, that side is None and the other has all columns compared.
    """

    token_serial: str
    before: Cells | None
    after: Cells | None

    def as_json(self) -> dict[str, object]:
        return {"token_serial": self.token_serial, "before": self.before, "after": self.after}


@dataclass(frozen=True, slots=True)
class DiffPage:
    """The tokens that differ, by serial; the cursor of the next page, None on the last."""

    since: int
    until: int
    differences: list[Difference]
    next: str | None
    count: int | None

    def as_json(self) -> dict[str, object]:
        """The object that the API and `tokens diff --json` give."""
        body: dict[str, object] = {
            "from": format_instant(self.since),
            "to": format_instant(self.until),
            "tokens": [each.as_json() for each in self.differences],
            "next": self.next,
        }
        return body if self.count is None else {**body, "count": self.count}


async def read_diff(connection: "Reader", request: DiffRequest) -> DiffPage:
    """The page, and the count of all tokens that differ in the same snapshot."""
    statement = diff_statement(request)
    if not request.count:
        records = await connection.fetch(statement.sql, *statement.arguments)
        count = None
    else:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            records = await connection.fetch(statement.sql, *statement.arguments)
            counting = count_statement(request)
            [(count,)] = await connection.fetch(counting.sql, *counting.arguments)
    keys = [column.key for column in request.report.columns]
    differences = [_difference(keys, *record) for record in records[: request.limit]]
    until = request.report.as_of
    after = None
    if len(records) > request.limit:
        place = (request.since, until, differences[-1].token_serial)
        after = sealed(place, fingerprint(request.report))
    return DiffPage(request.since, until, differences, after, count)


def _difference(keys: list[str], serial: str, *sides: object) -> Difference:
    middle = len(keys) + 1
    (was, *earlier), (is_, *later) = sides[:middle], sides[middle:]
    changed = [place for place in range(len(keys)) if not (was and is_) or earlier[place] != later[place]]
    return Difference(
        serial,
        {keys[place]: earlier[place] for place in changed} if was else None,
        {keys[place]: later[place] for place in changed} if is_ else None,
    )
