"""The messages of the outbox by the compiled twin: to the byte those that Python makes."""

import random

import msgspec
import pytest

from lifecycle.announcing import Announcement, Expiring, StatusChanged, messages, messages_in_python
from native import compiled

TEXTS = ("T1", 'Quote " and \\ back', "Ōrganizátion \U0001f50c", "x" * 128, "a/b", None)
STATUSES = (None, "New", "Available", "Active", "Expired")
INSTANTS = (None, 0, 946_684_800_000_000, 1_772_000_000_000_001, 4_102_444_799_999_999, 1_772_000_000_000_000)


def announcement(chance: random.Random) -> Announcement:
    """Any announcement."""
    serial = chance.choice(TEXTS[:-1])
    assert serial is not None
    where = chance.choice(TEXTS), chance.choice(TEXTS)
    if chance.random() < 0.3:
        ends = 946_684_800_000_000 + chance.randrange(10**16)
        return Expiring(
            serial, 730_120 + chance.randrange(73_000), ends, chance.choice([90, 60, 30, 7]), *where
        )
    cause = chance.choice([("urn:a", 'e"1'), (None, None)])
    changed = chance.choice(STATUSES), chance.choice(STATUSES), chance.choice(INSTANTS)
    return StatusChanged(serial, chance.randrange(1, 10**6), *changed, *cause, *where)


@pytest.mark.skipif(compiled is None, reason="nothing is compiled here")
def test_both_say_the_same() -> None:
    chance = random.Random(1)
    for _ in range(300):
        packed = msgspec.msgpack.encode([announcement(chance) for _ in range(chance.randrange(20))])
        recorded_at = chance.choice(INSTANTS[1:])
        assert recorded_at is not None
        assert messages(packed, recorded_at) == messages_in_python(packed, recorded_at)
