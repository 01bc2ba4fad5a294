"""Random histories in which the rules meet: few subjects, and few instants, which tie and stand at edges.

Every event is valid. The same seed gives the same history, whatever the machine.
"""

import json
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol, TypeVar

from tests import events
from tests.reference.facts import Json
from tests.reference.instants import DAY, instant

ZONE = "America/Los_Angeles"

# Midnights of this zone, both changes of its clocks, 29 February, and what lies a year or two after them.
INSTANTS = (
    "2023-12-31T23:59:59.999999-08:00",
    "2024-01-01T00:00:00-08:00",
    "2024-02-28T08:00:00Z",
    "2024-02-29T07:59:59.999999Z",
    "2024-02-29T08:00:00Z",
    "2024-02-29T21:15:00+01:00",
    "2024-03-01T07:59:59.9999999Z",
    "2024-03-01T08:00:00Z",
    "2024-03-10T08:00:00Z",
    "2024-03-10T09:59:59.999999Z",
    "2024-03-10T03:00:00-07:00",
    "2024-03-11T07:00:00Z",
    "2024-11-03T07:00:00Z",
    "2024-11-03T01:30:00-07:00",
    "2024-11-03T01:30:00-08:00",
    "2024-11-04T08:00:00Z",
    "2025-02-28T08:00:00Z",
    "2025-03-01T08:00:00Z",
    "2025-03-01T08:00:00.000001Z",
    "2025-03-11T07:00:00Z",
    "2025-11-04T08:00:00Z",
    "2026-03-01T08:00:00.5Z",
)
DATES = ("2024-02-28", "2024-02-29", "2024-03-01", "2024-03-10", "2024-11-03", "2025-03-09")
ORGS = (("ORG-1", "Organization 1"), ("ORG-2", "Ōrganizátion 2"), ("org-3", "organization 3"))
LINES = (("SO-1", "1"), ("SO-1", "2"), ("SO-2", "1"), ("so-3", "10"))
SHIPMENTS = ("SH-1", "SH-2", "SH-3")
# Code points decide, not UTF-16 units, nor letters without their case.
ID_BEGINNINGS = ("a", "B", "é", "\uffee", "\U0001f50c")
SOURCES = ("urn:test:a", "urn:test:B")


Option = TypeVar("Option")


class Chance(Protocol):
    """What decides about a history: `random.Random`, or a stand-in whose choices can be taken back one by one."""

    def random(self) -> float: ...

    def randint(self, a: int, b: int, /) -> int: ...

    def choice(self, options: Sequence[Option], /) -> Option: ...

    def choices(self, options: Sequence[Option], /, weights: Sequence[float]) -> list[Option]: ...

    def sample(self, options: Sequence[Option], k: int, /) -> list[Option]: ...


class Writer:
    """Writes one event after the other into a small world, from one stream of chance."""

    def __init__(self, chance: Chance, tokens: int) -> None:
        self.chance = chance
        self.serials = [f"T{number}" for number in range(1, tokens + 1)]
        self.stations = [f"S{number}" for number in range(1, chance.randint(2, 3) + 1)]
        self.lines = LINES[: chance.randint(1, len(LINES))]
        self.shipments = SHIPMENTS[: chance.randint(1, len(SHIPMENTS))]
        self.instants = chance.sample(INSTANTS, chance.randint(3, 8))
        self.dates = chance.sample(DATES, chance.randint(2, 4))
        self.with_revisions = chance.choice(["always", "never", "sometimes"])
        # Each history dwells on some kinds of events and leaves others nearly out: so more of them meet.
        self.weights = [weight * chance.choice([0.2, 1, 1, 4]) for _, weight in self.kinds()]
        self.favourite = chance.choice(self.serials)
        self.targets: list[Json] = []
        self.written: list[Json] = []

    def head(self, at: str | None = None) -> Json:
        """Time, source and id of the next event, which says something of the instant `at`."""
        time = at if at is not None and self.chance.random() < 0.5 else self.chance.choice(self.instants)
        identity = f"{self.chance.choice(ID_BEGINNINGS)}{len(self.written)}"
        source = self.chance.choice(SOURCES)
        if self.written and self.chance.random() < 0.1:
            # The same id of the other source is another event.
            other = self.chance.choice(self.written)
            candidate = (SOURCES[1 - SOURCES.index(other["source"])], other["id"])
            if all((event["source"], event["id"]) != candidate for event in self.written):
                source, identity = candidate
        return {"time": time, "source": source, "id": identity}

    def optional(self, make: Callable[[], Any], given: float = 0.5) -> dict[str, Any]:
        """The field's value, or one of the ways to leave it out."""
        if self.chance.random() < given:
            return {"value": make()}
        return self.chance.choice([{}, {}, {"value": None}, {"value": ""}])

    def data(self, required: Json, **optional: dict[str, Any]) -> Json:
        return required | {name: given["value"] for name, given in optional.items() if given}

    def event(self, type_: str, data: Json, at: str | None = None) -> Json:
        return events.event(type_, {}, **self.head(at)) | {"data": data}

    def revision(self) -> dict[str, Any]:
        given = {"always": 1.0, "never": 0.0, "sometimes": 0.5}[self.with_revisions]
        return self.optional(lambda: self.chance.randint(0, 2), given)

    def shares(self, parts: int) -> Iterator[list[str]]:
        """Some of the serials, each in one of the parts at most."""
        serials = self.chance.sample(self.serials, self.chance.randint(0, len(self.serials)))
        part_of = [self.chance.randint(0, parts - 1) for _ in serials]
        for part in range(parts):
            yield [serial for serial, its_part in zip(serials, part_of, strict=True) if its_part == part]

    def serial(self) -> str:
        return self.favourite if self.chance.random() < 0.4 else self.chance.choice(self.serials)

    def some_serials(self) -> list[str]:
        return self.chance.sample(self.serials, self.chance.choice([1, 1, 2]))

    def order(self) -> Json:
        sales_order = self.chance.choice(self.lines)[0]
        of_order = [line for order, line in self.lines if order == sales_order]
        chosen = self.chance.sample(of_order, self.chance.randint(1, len(of_order)))
        org_id, org_name = self.chance.choice(ORGS)
        customer = self.chance.randint(1, 2)
        data = self.data(
            {
                "sales_order": sales_order,
                "customer_id": f"C-{customer}",
                "customer_name": f"Customer {customer}",
                "org_id": org_id,
                "org_name": org_name,
                "order_date": self.chance.choice(self.dates),
                "lines": [
                    self.order_line(line, serials)
                    for line, serials in zip(chosen, self.shares(len(chosen)), strict=True)
                ],
            },
            revision=self.revision(),
            purchase_order=self.optional(lambda: f"PO-{self.chance.randint(1, 2)}"),
            customer_reference=self.optional(lambda: "Garage"),
        )
        return self.event(events.ORDER_PLACED, data)

    def order_line(self, line: str, serials: list[str]) -> Json:
        plan = self.chance.choice([1, 1, 1, 2])
        required = {
            "line": line,
            "part_number": f"PART-{plan}",
            "cloud_plan": self.chance.choice(["Commercial", "Commercial", "Fleet"]),
            "term_years": self.chance.choice([1, 1, 1, 2, 4]),
            "token_type": "Prepaid",
            "token_serials": serials,
        }
        return self.data(
            required,
            description=self.optional(lambda: f"Plan {plan}"),
            quantity=self.optional(lambda: self.chance.randint(1, 9)),
            cancelled=self.optional(lambda: self.chance.random() < 0.4),
        )

    def shipment(self) -> Json:
        chosen = self.chance.sample(self.lines, self.chance.randint(1, len(self.lines)))
        lines = [
            {"sales_order": sales_order, "line": line, "token_serials": serials}
            for (sales_order, line), serials in zip(chosen, self.shares(len(chosen)), strict=True)
        ]
        required = {
            "shipment": self.chance.choice(self.shipments),
            "ship_date": self.chance.choice(self.dates),
            "lines": lines,
        }
        return self.event(events.ORDER_SHIPPED, self.data(required, revision=self.revision()))

    def applied(self) -> Json:
        at = self.chance.choice(self.instants)
        required = {
            "token_serial": self.serial(),
            "station_serial": self.chance.choice(self.stations),
            "applied_at": at,
        }
        data = self.data(
            required,
            station_name=self.optional(lambda: f"Bay {self.chance.randint(1, 2)}"),
            evse_id=self.optional(lambda: f"US*CPI*E{self.chance.randint(1, 2)}*1"),
            starts_at=self.optional(lambda: self.chance.choice(self.instants), 0.4),
        )
        return self.event(events.TOKEN_APPLIED, data, at)

    def unapplied(self) -> Json:
        at = self.chance.choice(self.instants)
        required = {"token_serial": self.serial(), "unapplied_at": at}
        station = self.optional(lambda: self.chance.choice(self.stations))
        return self.event(events.TOKEN_UNAPPLIED, self.data(required, station_serial=station), at)

    def activated(self) -> Json:
        at = self.chance.choice(self.instants)
        required = {"station_serial": self.chance.choice(self.stations), "activated_at": at}
        token = self.optional(self.serial, 0.4)
        event = self.event(events.STATION_ACTIVATED, self.data(required, token_serial=token), at)
        if instant(at) > instant(event["time"]) + DAY:
            # It is the head-end's time: no later than a day after the envelope's.
            event["time"] = at
        return event

    def transferred(self) -> Json:
        at = self.chance.choice(self.instants)
        to_org, to_name = self.chance.choice(ORGS)
        data = {
            "token_serials": self.some_serials(),
            "from_org_id": self.chance.choice(ORGS)[0],
            "to_org_id": to_org,
            "to_org_name": to_name,
            "transferred_at": at,
        }
        return self.event(events.TOKEN_TRANSFERRED, data, at)

    def returned(self) -> Json:
        at = self.chance.choice(self.instants)
        required = {"token_serials": self.some_serials(), "returned_at": at}
        data = self.data(required, reason=self.optional(lambda: "broken"))
        return self.event(events.TOKEN_RETURNED, data, at)

    def retracted(self) -> Json:
        target = {"source": self.chance.choice(SOURCES), "id": "never sent"}
        if self.targets and self.chance.random() < 0.3:
            target = self.chance.choice(self.targets)
        elif self.written and self.chance.random() < 0.95:
            # Retractions among them.
            target = self.chance.choice(self.written)
        self.targets.append(target)
        data = {"event_source": target["source"], "event_id": target["id"], "reason": "sent by mistake"}
        return self.event(events.EVENT_RETRACTED, data)

    def kinds(self) -> list[tuple[Callable[[], Json], int]]:
        """The kinds of events, each with how often it comes."""
        return [
            (self.order, 26),
            (self.shipment, 12),
            (self.applied, 20),
            (self.unapplied, 9),
            (self.activated, 14),
            (self.transferred, 13),
            (self.returned, 2),
            (self.retracted, 10),
        ]

    def write(self) -> Json:
        writers = [kind for kind, _ in self.kinds()]
        event = self.chance.choices(writers, weights=self.weights)[0]()
        self.written.append(event)
        return event


def random_history(seed: int, tokens: int | None = None, length: int | None = None) -> list[Json]:
    """`length` (5 to 45) distinct valid events about `tokens` (3 to 6) tokens, in no special order."""
    chance = random.Random(seed)
    writer = Writer(chance, tokens or chance.choice([3, 3, 4, 5, 6]))
    for _ in range(length or chance.randint(5, 45)):
        writer.write()
    chance.shuffle(writer.written)
    return writer.written


def shuffled(history: Sequence[Json], seed: int, duplicates: float = 0.1) -> list[Json]:
    """A delivery of the history: in another order, and about this share of its events twice."""
    chance = random.Random(seed)
    again = [event for event in history if chance.random() < duplicates]
    delivery = [json.loads(json.dumps(event)) for event in [*history, *again]]
    chance.shuffle(delivery)
    return delivery


def batches(delivery: Sequence[Json], seed: int, largest: int = 7) -> list[list[Json]]:
    """The delivery in its order, cut into batches of one to `largest` events."""
    chance = random.Random(seed)
    rest = list(delivery)
    cut = []
    while rest:
        size = chance.randint(1, largest)
        cut.append(rest[:size])
        rest = rest[size:]
    return cut
