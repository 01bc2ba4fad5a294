"""Rounds played one after the other in a process that keeps a database and its workers."""

import asyncio
import os
from typing import NamedTuple

import asyncpg

from projections.migrate import migrate
from tests.audit.judging import Round, difference_alone, verdict
from tests.audit.minimal import minimal, written_out
from tests.audit.questions import QUESTIONS_A_ROUND
from tests.audit.recording import Workshop, workshop
from tests.audit.scenarios import Scenario


class Played(NamedTuple):
    """A round that was played. `first_wrong` is the place in it of the first wrong history, where known."""

    round: Round
    histories: int
    events: int
    messages: int
    tokens: int
    questions: int
    first_wrong: int | None
    problem: str | None


class Player:
    """Plays rounds on one migrated database."""

    def __init__(self, database_url: str) -> None:
        self._runner = asyncio.Runner()
        # Never closed: the process ends with its last round, and the server is thrown away.
        self._opened = workshop(database_url)
        self._shop: Workshop = self._runner.run(self._opened.__aenter__())

    def play(self, round_: Round, shrinks: bool = True) -> Played:
        """Play a round; a difference is shrunk to a minimal history, unless only its existence matters."""
        scenarios = round_.scenarios()
        self._shop.now = round_.now()
        found = self._runner.run(verdict(self._shop, scenarios, round_.number))
        problem = found.of_round
        first_wrong = min(found.of_scenarios, default=None)
        if found.of_round is not None and first_wrong is None and not shrinks:
            first_wrong = len(scenarios) - 1
        if first_wrong is not None:
            problem = found.of_scenarios.get(first_wrong, problem)
        if problem is not None and shrinks:
            problem = self._explained(scenarios, first_wrong, problem)
        return Played(
            round_,
            len(scenarios),
            sum(len(scenario.history) for scenario in scenarios),
            sum(len(scenario.messages) for scenario in scenarios),
            found.tokens,
            QUESTIONS_A_ROUND if found.is_right else 0,
            first_wrong,
            problem,
        )

    def _difference(self, scenario: Scenario) -> str | None:
        return self._runner.run(difference_alone(self._shop, scenario))

    def _explained(self, scenarios: list[Scenario], number: int | None, problem: str) -> str:
        """What is wrong, and the minimal history that shows it."""
        if number is None:
            # The round as a whole is wrong: it may be for one of its histories.
            number = next(
                (index for index, each in enumerate(scenarios) if self._difference(each) is not None), None
            )
            if number is None:
                return problem
        least = minimal(scenarios[number], self._difference)
        if least is None:
            lines = "\n".join(written_out(scenarios[number]))
            return f"{problem}\nonly beside the others of its round. History {number + 1} of it:\n{lines}"
        lines = "\n".join(written_out(least.scenario))
        return f"{least.difference}\nThe minimal history ({len(least.scenario.history)} events):\n{lines}"


_player: Player | None = None


def open_player(postgres_url: str) -> None:
    """Make a database for this process on the server, and its player."""
    global _player
    name = f"audit_{os.getpid()}"
    _player = Player(asyncio.run(_database(postgres_url, name)))


def play(round_: Round, shrinks: bool) -> Played:
    """Play a round with the player of this process."""
    assert _player is not None
    return _player.play(round_, shrinks)


async def _database(postgres_url: str, name: str) -> str:
    connection = await asyncpg.connect(postgres_url)
    await connection.execute(f"create database {name}")
    await connection.close()
    url = f"{postgres_url.rpartition('/')[0]}/{name}"
    await migrate(url)
    return url
