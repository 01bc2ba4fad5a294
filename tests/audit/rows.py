"""What the database holds of a round, against the reference, at every instant at which either of them changes."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from lifecycle.stages import STAGES
from tests.projections.recorder import stored
from tests.reference.instants import written
from tests.reference.rules import COLUMNS, History

_TURNS = ("starts_at", "ends_at", *(stage.column for stage in STAGES))
_KEYS = (*COLUMNS, "anomalies")


async def wrong_rows(sql: Any, histories: Mapping[str, History]) -> dict[str, str]:
    """For each token whose rows are not the reference's, the first difference in words. `sql` counts in microseconds.

    Both histories stay the same from turn to turn, so that rows equal at and beside the turns of both are
    equal at all instants.
    """
    turns = await _stored_turns(sql)
    for serial, history in histories.items():
        turns[serial].update(history.boundary_instants())
    asked = [
        (serial, at)
        for serial, instants in turns.items()
        for at in sorted({instant + step for instant in instants for step in (-1, 0, 1)})
    ]
    rows = await sql.fetch(
        f"""
        select asked.number, {", ".join(f"report.{key}" for key in _KEYS)}
        from unnest($1::text[], $2::timestamptz[]) with ordinality as asked (serial, at, number),
            lateral (select * from service_tokens_at(asked.at) where token_serial = asked.serial) as report
        """,
        [serial for serial, _ in asked],
        [at for _, at in asked],
    )
    found: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    for number, *cells in rows:
        found[number].append(dict(zip(_KEYS, map(stored.shown, cells), strict=True)))
    wrong: dict[str, str] = {}
    for number, (serial, at) in enumerate(asked, start=1):
        expected = histories[serial].row_at(at) if serial in histories else None
        actual = found[number]
        if serial in wrong or actual == ([] if expected is None else [expected]):
            continue
        if len(actual) > 1:
            difference: str | None = f"{serial} is in the report {len(actual)} times"
        else:
            difference = stored.compared(
                {} if expected is None else {serial: expected}, {row["token_serial"]: row for row in actual}
            )
        wrong[serial] = f"at {written(at)}, {difference}"
    return wrong


async def _stored_turns(sql: Any) -> defaultdict[str, set[int]]:
    """The instants of each token at which the stored history changes."""
    turns: defaultdict[str, set[int]] = defaultdict(set)
    for serial, *instants in await sql.fetch(f"select token_serial, {', '.join(_TURNS)} from token_periods"):
        turns[serial].update(instant for instant in instants if instant is not None)
    return turns


async def wrongly_announced(sql: Any, histories: Mapping[str, History], now: int) -> dict[str, str]:
    """For each token whose announcements do not lead, one after the other, to its status now, what is wrong."""
    wrong: dict[str, str] = {}
    reached: dict[str, tuple[int, str | None]] = {}
    for said in await stored.announcements(sql):
        before = reached.get(said.token_serial, (0, None))
        if (said.sequence - 1, said.from_status) != before or said.from_status == said.to_status:
            wrong.setdefault(said.token_serial, f"{said} comes after {before}")
        reached[said.token_serial] = (said.sequence, said.to_status)
    for serial, history in histories.items():
        _, announced = reached.get(serial, (0, None))
        expected = history.stages.at(now)
        if announced != expected:
            wrong.setdefault(serial, f"{serial} was announced as {announced} where the rules say {expected}")
    return wrong
