"""The minimal scenario that still shows a difference, and how a person reads it.

Hypothesis would shrink its own choices, of which a history has a thousand; to take away events, deliveries and
fields leads to less, sooner.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from schemas.envelope import Event, parse
from schemas.topics import EVENT_TYPES
from tests.audit.scenarios import Scenario
from tests.events import Json, encoded

Differs = Callable[[Scenario], str | None]
"""In words, what is wrong of a scenario; None: nothing."""
Simpler = Callable[[Scenario], list[Scenario]]


class Minimal(NamedTuple):
    """A scenario, and what is wrong of it."""

    scenario: Scenario
    difference: str


def minimal(scenario: Scenario, differs: Differs) -> Minimal | None:
    """The least scenario that still differs; None where the one given does not differ by itself."""
    difference = differs(scenario)
    if difference is None:
        return None
    least = Minimal(scenario, difference)
    before: Scenario | None = None
    while least.scenario != before:
        before = least.scenario
        for simpler in (*_fewer_events(len(before.history)), _plainer_delivery, _plainer_events):
            least = _shrunk(least, differs, simpler)
    return least


def _shrunk(least: Minimal, differs: Differs, simpler: Simpler) -> Minimal:
    """Try all that is simpler in one way, one after the other, and go on from what still differs."""
    tried = 0
    while tried < len(candidates := simpler(least.scenario)):
        difference = differs(candidates[tried])
        if difference is None:
            tried += 1
        else:
            least = Minimal(candidates[tried], difference)
    return least


def _fewer_events(length: int) -> Iterator[Simpler]:
    """Half of the events taken away, then a quarter, down to single ones."""
    while length := length // 2:
        yield lambda scenario, some=length: [  # type: ignore[misc]
            _without(scenario, range(start, start + some)) for start in range(0, len(scenario.history), some)
        ]


def _without(scenario: Scenario, events: range) -> Scenario:
    kept = [index for index in range(len(scenario.history)) if index not in events]
    messages = [
        each._replace(event=kept.index(each.event)) for each in scenario.messages if each.event in kept
    ]
    return scenario._replace(history=[scenario.history[index] for index in kept], messages=messages)


def _plainer_delivery(scenario: Scenario) -> list[Scenario]:
    """By one worker, in one batch, to the topics of the types, each event once."""
    plainer = [
        scenario._replace(messages=[each._replace(worker=0) for each in scenario.messages], workers=1),
        scenario._replace(steps=1),
        scenario._replace(messages=[each._replace(topic=None) for each in scenario.messages]),
    ]
    for index, message in enumerate(scenario.messages):
        others = [*scenario.messages[:index], *scenario.messages[index + 1 :]]
        if any(message.event == other.event for other in others):
            plainer.append(scenario._replace(messages=others))
    return [each for each in plainer if each != scenario]


def _plainer_events(scenario: Scenario) -> list[Scenario]:
    """A field, a line or a serial taken out of one of the events."""
    return [
        scenario._replace(history=[*scenario.history[:index], plainer, *scenario.history[index + 1 :]])
        for index, event in enumerate(scenario.history)
        for plainer in ({**event, "data": data} for data in _plainer(event["data"]))
        if _is_valid(plainer)
    ]


def _plainer(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield {name: other for name, other in value.items() if name != key}
            for plainer in _plainer(each):
                yield {**value, key: plainer}
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield [*value[:index], *value[index + 1 :]]
            for plainer in _plainer(each):
                yield [*value[:index], plainer, *value[index + 1 :]]


def _is_valid(event: Json) -> bool:
    return isinstance(parse(encoded(event), []), Event)


def written_out(scenario: Scenario) -> Iterator[str]:
    """A scenario for a person to read: a line a message, in the order of each worker's batches."""
    for worker in range(scenario.workers):
        batches = [batch for batch in scenario.batches(worker) if batch]
        for number, batch in enumerate(batches, start=1):
            for message in batch:
                event = scenario.history[message.event]
                topic = message.topic or EVENT_TYPES[event["type"]].topic
                body = json.dumps(event, ensure_ascii=False)
                yield f"worker {worker + 1}, batch {number}, {topic}: {body}"
