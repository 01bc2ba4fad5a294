"""What goes on while rows are rebuilt: so many events a second, about tokens old and new."""

import json
import random
import threading
import time

from tests import events
from tests.events import Json
from tests.faults.companies import Companies, Company
from tests.lifecycle.consumer.producing import Topics
from tests.reference.instants import written
from tokens.settings import Settings

SOURCE = "urn:test:traffic"
PULSE_SECONDS = 0.02
ABOUT_OLD_TOKENS = 0.5
ABOUT_BUSY_TOKENS = 0.1


class Traffic:
    """Publishes in a thread of its own, from `start` to `stop`.

    Half of the events are the newcomers' whole story, in its order; the others apply, activate, transfer and
    un-apply old tokens, one in ten of them the busy companies'. `of_newcomers` and `about_busy` are what was sent.
    """

    def __init__(self, settings: Settings, companies: Companies, events_a_second: int, seed: int) -> None:
        self._topics = Topics(settings)
        self._companies = companies
        self._newcomers = companies.newcomers.lines()
        self._events_a_second = events_a_second
        self._chance = random.Random(seed)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.sent = 0
        self.of_newcomers: list[Json] = []
        self.about_busy: list[Json] = []

    def start(self) -> None:
        """Begin to publish."""
        self._thread.start()

    def stop(self) -> None:
        """Return when everything sent is acknowledged."""
        self._stopping.set()
        self._thread.join()
        self._topics.flush()

    def _run(self) -> None:
        began = time.monotonic()
        while not self._stopping.wait(PULSE_SECONDS):
            due = int((time.monotonic() - began) * self._events_a_second)
            while self.sent < due:
                self._topics.send_unacknowledged(self._next())
                self.sent += 1

    def _next(self) -> Json:
        if self._chance.random() >= ABOUT_OLD_TOKENS:
            line = next(self._newcomers, None)
            if line is not None:
                self.of_newcomers.append(json.loads(line))
                return self.of_newcomers[-1]
        is_busy = self._chance.random() < ABOUT_BUSY_TOKENS
        event = self._about_one_of(self._companies.busy if is_busy else self._companies.large)
        if is_busy:
            self.about_busy.append(event)
        return event

    def _about_one_of(self, companies: list[Company]) -> Json:
        company = self._chance.choice(companies)
        number = self._chance.randint(1, company.tokens)
        serial, owner = company.serial(number), company.first_owner(number)
        # A token's own stations: what is said of one must not reach tokens of which it is not remembered.
        station = f"{serial}-{self._chance.randint(1, 2)}"
        head = {"at": written(time.time_ns() // 1000), "source": SOURCE, "id": f"{self.sent:09d}"}
        kind = self._chance.random()
        if kind < 0.5:
            return events.applied(serial, station, station_name=f"Station {station}", **head)
        if kind < 0.75:
            return events.activated(station, token=self._chance.choice([serial, None]), **head)
        if kind < 0.95:
            to = f"{owner}-{self._chance.randint(1, 2)}"
            return events.transferred([serial], from_org=owner, to_org=to, to_name=f"Buyer {to}", **head)
        return events.unapplied(serial, **head)
