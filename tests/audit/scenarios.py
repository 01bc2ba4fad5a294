"""Scenarios, drawn by Hypothesis: a history in which the rules meet, and how its events reach the workers.

The histories speak the words of `tests.reference.histories`. Each event draws its own delivery, within the
same stretch of choices, so that an event and all that it drew go together when a scenario shrinks.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import hypothesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from schemas.topics import INPUT_TOPICS
from tests.audit.chance import Drawn, whole
from tests.audit.texts import with_other_texts
from tests.events import Json
from tests.reference.histories import Writer

MOST_EVENTS = 45
MOST_WORKERS = 3
PLACES = 1000


class Message(NamedTuple):
    """One delivery of an event (its index in the history) to a worker.

    `place` (below `PLACES`) puts a worker's messages in order. `topic` is None where it is that of the type.
    """

    place: int
    event: int
    worker: int
    topic: str | None


class Scenario(NamedTuple):
    """A history, and the messages that bring it: each event once or twice.

    A worker takes its messages in `steps` batches, an equal part of the places in each.
    """

    history: list[Json]
    messages: list[Message]
    workers: int
    steps: int

    def batches(self, worker: int) -> Iterator[list[Message]]:
        """The worker's messages, batch by batch, empty ones included."""
        mine = [message for message in self.messages if message.worker == worker]
        mine.sort(key=lambda message: message.place)
        for step in range(self.steps):
            yield [each for each in mine if each.place * self.steps // PLACES == step]


@st.composite
def _written(draw: Any, writer: Writer, least: int, workers: int) -> list[Message]:
    """Another event of the history, and its messages; none: the history ends here, of `least` events or more."""
    chance = writer.chance
    if draw(whole(0, 15)) == 0 and len(writer.written) >= least:
        return []
    writer.write()
    return [
        Message(
            chance.randint(0, PLACES - 1),
            len(writer.written) - 1,
            chance.randint(0, workers - 1),
            chance.choice(INPUT_TOPICS) if chance.random() < 0.2 else None,
        )
        for _ in range(2 if chance.random() < 0.2 else 1)
    ]


@st.composite
def scenarios(draw: Any) -> Scenario:
    """One scenario; it shrinks towards few events, in the order written, in one batch, to one worker."""
    chance = Drawn(draw)
    workers = chance.choices([1, 2, 3], [5, 3, 2])[0]
    steps = chance.choice([1, 4, 12, 40])
    writer = Writer(chance, chance.choice([3, 3, 4, 5, 6]))
    written = _written(writer, chance.choice([1, 5, 15, 20, 25, 30]), workers)
    messages: list[Message] = []
    while len(writer.written) < MOST_EVENTS and (more := draw(written)):
        messages += more
    return Scenario(with_other_texts(writer.written, draw(whole(0, 99))), messages, workers, steps)


QUIET = settings(deadline=None, database=None, suppress_health_check=list(HealthCheck))
"""Hypothesis generates here, and shrinks; how long that takes, and how much it keeps, is our business."""


def drawn_scenarios(seed: str, count: int) -> list[Scenario]:
    """The scenarios of a seed, at most `count`, as one or another comes twice: always the same, in the same order."""
    drawn: dict[str, Scenario] = {}

    @hypothesis.seed(seed)
    @settings(QUIET, max_examples=count, phases=[Phase.generate])
    @given(scenarios())
    def collect(scenario: Scenario) -> None:
        drawn[repr(scenario)] = scenario

    collect()
    return list(drawn.values())
