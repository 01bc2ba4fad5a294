"""Which rules, zone and time-zone data rows are folded with: a number, kept with every row.

Of the versions in `fold_versions`, the newest registered is the one that rows are to have. A worker of another
one must not write: its midnights would stand beside others in one report. Until a rebuild has brought all rows
to the newest version, they are of several.
"""

from typing import Any, NamedTuple

from lifecycle.calendar import TIME_ZONE_DATA_VERSION, Calendar
from lifecycle.fold import RULES_VERSION
from projections.local_dates import keep_local_offsets


class FoldVersion(NamedTuple):
    """What decides, beside the facts, what a row comes to."""

    rules: int
    zone: str
    time_zone_data: str

    def __str__(self) -> str:
        return f"rules {self.rules}, zone {self.zone}, time-zone data {self.time_zone_data}"


class Registered(NamedTuple):
    """A version that the database knows; `is_rebuilt` where every row has had it."""

    number: int
    version: FoldVersion
    is_rebuilt: bool


class OlderFoldVersion(Exception):
    """This process folds otherwise than the newest version that the rows are to have, and must not write."""

    def __init__(self, own: FoldVersion, newest: FoldVersion) -> None:
        super().__init__(
            f"this process folds with {own}, but the newest version of the rows is {newest}; nothing is written. "
            "Start it with that zone (TOKENS_ZONE) and that version of the service; or run `tokens rebuild` with "
            "this one's, to make them those of all rows"
        )


def version_of(calendar: Calendar) -> FoldVersion:
    """This process's version."""
    return FoldVersion(RULES_VERSION, calendar.zone_name, TIME_ZONE_DATA_VERSION)


async def fold_version(connection: Any, calendar: Calendar) -> int:
    """The number of this process's version, which becomes the newest where it was never seen.

    Raises `OlderFoldVersion` where it was, and another one is the newest.
    """
    number = await _register(connection, version_of(calendar), takes_up=False)
    await refuse_if_older(connection, number)
    await keep_local_offsets(connection, calendar, number)
    return number


async def take_up(connection: Any, calendar: Calendar) -> int:
    """The number of this process's version, which becomes the newest whatever was before."""
    number = await _register(connection, version_of(calendar), takes_up=True)
    await keep_local_offsets(connection, calendar, number)
    return number


async def refuse_if_older(connection: Any, number: int) -> None:
    """Raise `OlderFoldVersion` unless `number` is the newest version.

    A writer asks under its locks on tokens. So either it sees what a rebuild registered, or that rebuild waits
    for its locks and sees what it wrote.
    """
    registered = await newest(connection)
    assert registered is not None, "this process has registered its own"
    if registered.number != number:
        own = await connection.fetchrow(
            "select rules, zone, time_zone_data from fold_versions where fold_version = $1", number
        )
        raise OlderFoldVersion(FoldVersion(*own), registered.version)


async def newest(connection: Any) -> Registered | None:
    """The version that rows are to have; None before the first worker."""
    row = await connection.fetchrow(
        """
        select fold_version, rules, zone, time_zone_data, rebuilt_at is not null from fold_versions
        order by registered desc limit 1
        """
    )
    return None if row is None else Registered(row[0], FoldVersion(row[1], row[2], row[3]), row[4])


async def why_rebuild_is_due(connection: Any, calendar: Calendar) -> str | None:
    """In a sentence, why dates of the report are not all of this process's version; None where they are."""
    cause = await rebuild_cause(connection, calendar)
    return None if cause is None else f"a rebuild is due: {cause}; run `tokens rebuild`"


async def rebuild_cause(connection: Any, calendar: Calendar) -> str | None:
    """What a rebuild would change, in words; None where all rows are of this process's version."""
    registered = await newest(connection)
    own = version_of(calendar)
    if registered is None or registered == (registered.number, own, True):
        return None
    if registered.version == own:
        return f"some rows are not yet those of {own}"
    return f"rows are folded with {registered.version}, and this process stands for {own}"


async def _register(connection: Any, version: FoldVersion, *, takes_up: bool) -> int:
    find = """
        select fold_version, registered = (select max(registered) from fold_versions)
        from fold_versions where (rules, zone, time_zone_data) = ($1, $2, $3)
    """
    found = await connection.fetchrow(find, *version)
    if found is None or (takes_up and not found[1]):
        async with connection.transaction():
            # Two that begin at once must agree on which is the newest.
            await connection.execute("lock table fold_versions in share row exclusive mode")
            await connection.execute(
                """
                insert into fold_versions (rules, zone, time_zone_data, rebuilt_at)
                select $1, $2, $3, case when not exists (select from fold_versions) then now() end
                on conflict do nothing
                """,
                *version,
            )
            found = await connection.fetchrow(find, *version)
            if takes_up and not found[1]:
                await connection.execute(
                    "update fold_versions set registered = default where fold_version = $1", found[0]
                )
            await connection.execute(
                """
                update fold_versions set rebuilt_at = null, rebuilt_through = null
                where registered < (select max(registered) from fold_versions) or $1
                """,
                takes_up and not found[1],
            )
    number: int = found[0]
    return number
