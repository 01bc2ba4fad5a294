"""What is known of many tokens at once: their packed facts, the subjects that those name, and whose they are."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from lifecycle.calendar import Calendar
from lifecycle.facts import OwnFact, TokenFacts, in_own_order, unpack_token
from lifecycle.fold import History, fold
from lifecycle.workspace import SubjectKeys, Workspace, subjects_needed
from projections.recorder import subjects

if TYPE_CHECKING:
    from projections.query.database import Reader

_calendar = lru_cache(maxsize=8)(Calendar)


@dataclass(frozen=True, slots=True)
class KnownToken:
    """A token's facts, and the zone with which its row was made."""

    facts: TokenFacts
    calendar: Calendar


@dataclass(frozen=True, slots=True)
class Known:
    """Tokens by serial, those that no event names left out, and every subject that a fold of them looks at."""

    tokens: dict[str, KnownToken]
    workspace: Workspace

    def history(self, token: KnownToken, another: OwnFact | None = None) -> History:
        """What the rules make of a token's facts; with `another` fact as if it had been recorded, too."""
        facts = token.facts
        if another is not None:
            own = sorted([*facts.own, another], key=in_own_order)
            facts = TokenFacts(own, facts.lines, facts.shipments)
        found = self.workspace
        return fold(facts, found.lines, found.shipments, found.stations, token.calendar)


async def read_known(connection: "Reader", serials: Collection[str], stations: Collection[str] = ()) -> Known:
    """What is known of these tokens, with these stations beside those of their facts, in one snapshot."""
    workspace, needed = Workspace(), SubjectKeys(set(), set(), set(stations))
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        rows = await connection.fetch(
            """
            select token_serial, facts, zone from tokens join fold_versions using (fold_version)
            where token_serial = any($1::text[])
            """,
            list(serials),
        )
        tokens = {row[0]: KnownToken(unpack_token(row[1]), _calendar(row[2])) for row in rows}
        for token in tokens.values():
            subjects_needed(token.facts, needed.lines, needed.shipments, needed.stations)
        await subjects.load(connection, workspace, needed, with_serials=False)
    workspace.add_missing(needed)
    return Known(tokens, workspace)
