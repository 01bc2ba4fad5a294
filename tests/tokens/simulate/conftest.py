"""One simulated company that the tests look at from all sides; made once, in about a second."""

import json
from dataclasses import dataclass

import pytest

from tests.events import Json
from tokens.simulate.options import Options, parse_until
from tokens.simulate.stream import simulate

UNTIL = parse_until("2026-03-02")
ZONE = "America/Los_Angeles"


@dataclass(frozen=True)
class Company:
    """A simulation: its options, its lines as delivered, and its events, each once, in the same order."""

    options: Options
    lines: list[bytes]
    events: list[Json]

    def of_type(self, middle: str) -> list[Json]:
        """The events of one type, named by the middle of its full name."""
        return [event for event in self.events if event["type"] == f"servicetokens.{middle}.v1"]


@pytest.fixture(scope="session")
def company() -> Company:
    """Ten thousand tokens in 800 days."""
    options = Options(seed=1, tokens=10_000, days=800, until=UNTIL)
    lines = list(simulate(options))
    return Company(options, lines, [json.loads(line) for line in dict.fromkeys(lines)])
