"""The service and the reference agree on random histories, at every instant at which a row changes.

`RANDOM_HISTORIES` says how many (150), `RANDOM_SEED` which is the first (1), so that one can be played again.
"""

import json
import os

import pytest

from lifecycle import replay
from lifecycle.calendar import Calendar
from tests.events import Json
from tests.lifecycle.judges import Row, parsed
from tests.reference import rules
from tests.reference.histories import ZONE, random_history, shuffled
from tests.reference.instants import instant, written
from tests.reference.meetings import ALL_MEETINGS, met_by
from tests.reference.minimise import minimised

FIRST_SEED = int(os.environ.get("RANDOM_SEED", "1"))
SEEDS = range(FIRST_SEED, FIRST_SEED + int(os.environ.get("RANDOM_HISTORIES", "150")))
SEEDS_AT_ONCE = 10

# Clocks put forward at midnight, put back at midnight, put back to midnight; and zones far from the first.
OTHER_ZONES = ("America/Asuncion", "Africa/Cairo", "America/Havana", "Pacific/Kiritimati", "Asia/Kathmandu")
BEGINNING, END = instant("0001-01-01T00:00:00Z"), instant("9999-12-31T23:59:59.999999Z")


def zone_of(seed: int) -> str:
    """Most histories are read in the zone at whose midnights they stand."""
    return ZONE if seed % 5 else OTHER_ZONES[seed // 5 % len(OTHER_ZONES)]


def first_difference(history: list[Json], delivery: list[Json], zone: str) -> str | None:
    """In words, the first instant and row on which the two do not agree; None: they do."""
    expected_histories = rules.history_of(history, zone)
    events = parsed(delivery)
    calendar = Calendar(zone)
    moments = {BEGINNING, END}
    for boundary in rules.boundaries_from(expected_histories):
        moments |= {boundary - 1, boundary, boundary + 1}
    for moment in sorted(moments):
        expected = rules.rows_from(expected_histories, moment)
        actual = replay.rows_at(events, moment, calendar)
        for serial in sorted(expected.keys() | actual.keys()):
            if expected.get(serial) != actual.get(serial):
                cells = difference(expected.get(serial), actual.get(serial))
                return f"at {written(moment)} in {zone}, {serial}: {cells}"
    return None


def difference(expected: Row | None, actual: Row | None) -> str:
    if expected is None or actual is None:
        return f"in the report by the {'service' if expected is None else 'reference'} alone"
    keys = sorted(expected.keys() | actual.keys())
    return ", ".join(
        f"{key} {actual.get(key)!r} where the rules say {expected.get(key)!r}"
        for key in keys
        if expected.get(key) != actual.get(key)
    )


@pytest.mark.parametrize("first", SEEDS[::SEEDS_AT_ONCE])
def test_the_service_shows_what_the_rules_say(first: int) -> None:
    for seed in range(first, min(first + SEEDS_AT_ONCE, SEEDS.stop)):
        judge(seed)


def judge(seed: int) -> None:
    history = random_history(seed)
    zone = zone_of(seed)
    delivery = shuffled(history, seed)
    found = first_difference(history, delivery, zone)
    if found is None:
        return

    def differs(events: list[Json]) -> bool:
        return first_difference(events, events, zone) is not None

    if not differs(history):
        pytest.fail(f"seed {seed}, only as it is delivered here, some of it twice: {found}")
    least = minimised(history, differs)
    lines = "\n".join(json.dumps(event, ensure_ascii=False) for event in least)
    pytest.fail(f"seed {seed}: {first_difference(least, least, zone)}\nwith these events:\n{lines}")


def test_the_random_histories_meet_every_rule() -> None:
    """Else the test above would say little; each of these is in at least one history of fifty."""
    histories = [rules.history_of(random_history(seed), zone_of(seed)) for seed in range(1, 51)]
    assert met_by(histories).keys() == ALL_MEETINGS
