"""A small company whose events take the recorder and the relay through every branch, a round at a time.

Each round is for one partition of one topic, so that it comes as one batch. The times are told from now, lest notices
fall due on the day that somebody runs the tests; `T-soon` and `T-due` are all that the clock has to do with.
"""

import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from schemas.instants import format_instant
from tests import events
from tests.events import Json

DAY_US = 86_400_000_000
MORNING_US = 16 * 3_600_000_000
SOON_US = 700_000
"""After its round is made, `T-soon` starts of itself."""
DAYS_LEFT_OF_DUE = 45
NOTICE_DAYS = 60
"""The least threshold that `T-due` has come to."""
BROKEN = b"{"


class Round(NamedTuple):
    """Messages for one partition. Of them, `refused` become dead letters, as they come."""

    topic: str
    partition: int
    messages: Sequence[Json | bytes]
    refused: int = 0


class Company:
    """Makes the rounds; each is to be published when the one before is, since it contradicts or repeats it."""

    def __init__(self) -> None:
        self._today = time.time_ns() // 1000 // DAY_US * DAY_US
        self.soon_at = 0
        """When `T-soon` starts (microseconds), from the time on that its round was made."""
        self._make_founding_events()

    @property
    def rounds(self) -> Sequence[Callable[[], Round]]:
        """All of them, in order; each is made when it is called."""
        return (
            self._founding,
            self._changes,
            self._corrections,
            self._contradictions,
            self._repeats,
            self._of_the_clock,
        )

    def _ago(self, days: int) -> str:
        """An instant, in the morning of Los Angeles."""
        return format_instant(self._today - days * DAY_US + MORNING_US)

    def _day(self, days_ago: int) -> str:
        return format_instant(self._today - days_ago * DAY_US)[: len("2026-01-01")]

    def _make_founding_events(self) -> None:
        ago, day = self._ago, self._day
        serials = ["T1", "T2", "T3", "T4", "T5", "T-old", "T-transferred"]
        self._order = events.order(serials, order_date=day(600), revision=1)
        self._shipment = events.shipped(serials[:-1], ship_date=day(590), revision=1)
        self._reshipment = events.shipped(serials, ship_date=day(585), revision=2)
        self._by_mistake = events.applied("T2", "S2", at=ago(200))
        self._late = events.applied("T3", "S-wrong", at=ago(199))
        self._boots = [events.activated("S3", at=ago(days)) for days in range(190, 187, -1)]
        self._moved = events.applied("T1", "S4", at=ago(100))
        self._transfer = events.transferred(["T1"], at=ago(90))

    def _founding(self) -> Round:
        """Every type; activations after the first; a retraction that comes before what it takes back."""
        ago = self._ago
        return Round(
            "orders",
            0,
            [
                BROKEN,
                self._order,
                self._shipment,
                self._order,
                events.applied("T1", "S1", at=ago(210), station_name="Garage", evse_id="US*CPI*E1*1"),
                events.activated("S1", at=ago(205)),
                self._by_mistake,
                events.retracted(self._late, time=ago(150)),
                events.applied("T4", "S3", at=ago(195)),
                *self._boots,
                events.applied("T-old", "S5", at=ago(500)),
                events.activated("S5", at=ago(499)),
            ],
            refused=1,
        )

    def _changes(self) -> Round:
        """What changes rows that are there, and gives them earlier spans; the late target of a retraction; gaps."""
        ago, day = self._ago, self._day
        return Round(
            "applications",
            1,
            [
                self._late,
                self._moved,
                self._transfer,
                events.transferred(["T2"], at=ago(80), from_org="ORG-9"),
                events.transferred(["T-transferred"], at=ago(75)),
                events.returned(["T5"], at=ago(70)),
                events.order(["T7"], sales_order="SO-2", order_date=day(60)),
                events.shipped(
                    shipment="SH-2",
                    lines=[events.shipped_line(["T8"], sales_order="SO-2")],
                    ship_date=day(50),
                ),
                events.shipped(
                    shipment="SH-3",
                    lines=[events.shipped_line(["T9"], sales_order="SO-unknown")],
                    ship_date=day(45),
                ),
                self._reshipment,
                self._shipment,
            ],
        )

    def _corrections(self) -> Round:
        """Retractions of what is recorded: of a newer version, and of all activations that a station's row keeps."""
        ago, day = self._ago, self._day
        revised = events.order_line(["T1", "T2", "T3", "T4", "T-old", "T-transferred"], cloud_plan="Fleet")
        return Round(
            "shipments",
            2,
            [
                events.retracted(self._by_mistake, time=ago(40)),
                events.retracted(self._moved, time=ago(40)),
                events.retracted(self._reshipment, time=ago(40)),
                *(events.retracted(boot, time=ago(40)) for boot in self._boots[:1]),
                events.order(lines=[revised], order_date=day(600), revision=2, time=ago(39)),
                events.applied("T3", "S6", at=ago(38)),
            ],
        )

    def _contradictions(self) -> Round:
        """Other content under known ids, in the partition of the first, which must stand; and nothing else."""
        return Round(
            "orders",
            0,
            [events.with_data(self._order, customer_name="Somebody else"), BROKEN],
            refused=2,
        )

    def _repeats(self) -> Round:
        return Round("retractions", 3, [self._order, self._transfer, self._late])

    def _of_the_clock(self) -> Round:
        """A start in the future, and a term that ends soon."""
        ago, day = self._ago, self._day
        self.soon_at = time.time_ns() // 1000 + SOON_US
        return Round(
            "activations",
            1,
            [
                events.order(["T-soon", "T-due"], sales_order="SO-3", order_date=day(400)),
                events.applied("T-soon", "S7", at=ago(1), starts_at=format_instant(self.soon_at)),
                events.activated("S7", at=ago(1)),
                events.applied("T-due", "S8", at=ago(365 - DAYS_LEFT_OF_DUE)),
                events.activated("S8", at=ago(365 - DAYS_LEFT_OF_DUE)),
            ],
        )
