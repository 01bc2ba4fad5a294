"""The evidence on a token, from the database: its packed facts, and the subjects that they name."""

from functools import lru_cache
from typing import TYPE_CHECKING

from lifecycle.calendar import Calendar
from lifecycle.explanation.evidence import Evidence
from lifecycle.facts import TokenFacts, unpack_token
from lifecycle.workspace import SubjectKeys, Workspace, subjects_needed
from projections.recorder import subjects

if TYPE_CHECKING:
    from projections.query.database import Reader

_calendar = lru_cache(maxsize=8)(Calendar)


async def read_evidence(connection: "Reader", serial: str) -> Evidence:
    """Folded in the zone with which the token's row was made; without any facts where there is no row."""
    stored = await connection.fetchrow(
        "select facts, zone from tokens join fold_versions using (fold_version) where token_serial = $1",
        serial,
    )
    if stored is None:
        return Evidence(serial, TokenFacts([], {}, {}), {}, {}, {}, _calendar("UTC"))
    facts = unpack_token(stored["facts"])
    workspace, needed = Workspace(), SubjectKeys(set(), set(), set())
    subjects_needed(facts, needed.lines, needed.shipments, needed.stations)
    await subjects.load(connection, workspace, needed, with_serials=False)
    workspace.add_missing(needed)
    loaded = workspace.lines, workspace.shipments, workspace.stations
    return Evidence(serial, facts, *loaded, _calendar(stored["zone"]))
