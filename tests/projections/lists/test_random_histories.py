"""Stations and order lines of random histories, at the instants that matter: what the reference makes of them.

`RANDOM_HISTORIES` says how many (150 by default; here a third of them), `RANDOM_SEED` which is the first (1).
"""

import random
from collections.abc import Iterable
from typing import Any

import asyncpg
import pytest

from projections.orders.columns import ORDERS
from projections.recorder import PostgresRecorder
from projections.stations.columns import STATIONS
from tests.events import Json
from tests.projections.recorder import stored
from tests.projections.recorder.log import Log, spread, written_out
from tests.projections.recorder.test_random_histories import SEEDS, SEEDS_AT_ONCE, record_all
from tests.reference.histories import ZONE, random_history, shuffled
from tests.reference.instants import written
from tests.reference.order_list import Orders
from tests.reference.rules import history_of
from tests.reference.station_list import Stations

INSTANTS_AT_MOST = 60


@pytest.mark.parametrize("first", SEEDS[::SEEDS_AT_ONCE])
async def test_lists_follow_from_the_set_of_events(
    first: int, recorder: PostgresRecorder, sql: asyncpg.Connection
) -> None:
    for seed in range(first, min(first + SEEDS_AT_ONCE, SEEDS.stop)):
        chance = random.Random(seed)
        await stored.emptied(sql)
        log = Log()
        await log.begin(recorder)
        history = random_history(seed, tokens=4, length=60)
        batches = spread(log, shuffled(history, seed), chance, 0, chance.choice([1, 5, 40]))
        await record_all(recorder, batches)
        stations, orders = Stations(history, ZONE), Orders(history, ZONE)
        for at in instants_that_matter(history, stations, chance):
            listed = {row["station_serial"]: row for row in await rows(sql, STATIONS.source, at)}
            found = stored.compared(stations.rows_at(at), listed)
            assert found is None, f"seed {seed} at {written(at)}: {found}, from\n{written_out(batches)}"
            expected = {f"{key[0]}, line {key[1]}": row for key, row in orders.rows_at(at).items()}
            columns = next(iter(expected.values()), {})
            listed = {
                f"{row['sales_order']}, line {row['line']}": {key: row[key] for key in columns}
                for row in await rows(sql, ORDERS.source, at)
            }
            found = stored.compared(expected, listed)
            assert found is None, f"seed {seed} at {written(at)}: {found}, from\n{written_out(batches)}"


async def rows(sql: asyncpg.Connection, source: str, at: int) -> list[dict[str, Any]]:
    """All rows of a list, cells as the API shows them."""
    found = await sql.fetch(f"select * from {source}($1)", stored.moment(at))
    return [{key: stored.shown(value) for key, value in row.items()} for row in found]


def instants_that_matter(history: Iterable[Json], stations: Stations, chance: random.Random) -> list[int]:
    """Some of those at which a token's row changes or a station starts, and a microsecond before each."""
    at = set(stored.instants_that_matter(history_of(history, ZONE)))
    at |= {started + step for started in stations.started.values() if started for step in (-1, 0)}
    return sorted(chance.sample(sorted(at), min(len(at), INSTANTS_AT_MOST)))
