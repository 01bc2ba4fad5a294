"""Whether a round came out as the rules say, and which of its scenarios did not."""

import random
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tests.audit import questions, rows
from tests.audit.names import beginning
from tests.audit.recording import Workshop, leftovers, named_histories, record
from tests.audit.scenarios import Scenario, drawn_scenarios
from tests.reference import rules
from tests.reference.histories import INSTANTS, ZONE
from tests.reference.instants import instant

TRIES_OF_A_RACE = 5


class Round(NamedTuple):
    """Which round: its scenarios, and all else that is random in it, follow from these."""

    seed: int
    number: int
    size: int

    @property
    def text(self) -> str:
        return f"{self.seed}/{self.number}"

    def now(self) -> int:
        """What the clock of the round's workers says."""
        return instant(random.Random(self.text).choice(INSTANTS))

    def scenarios(self) -> list[Scenario]:
        return drawn_scenarios(self.text, self.size)


class Verdict(NamedTuple):
    """What is wrong, in words: of single scenarios by their numbers, and of the round as a whole."""

    of_scenarios: dict[int, str]
    of_round: str | None
    tokens: int

    @property
    def is_right(self) -> bool:
        return not self.of_scenarios and self.of_round is None


async def verdict(shop: Workshop, scenarios: Sequence[Scenario], round_: int | None = None) -> Verdict:
    """Record the scenarios and hold everything against the reference; the questions of a round, where it is one."""
    named = named_histories(scenarios)
    histories: dict[str, rules.History] = {}
    number_of: dict[str, int] = {}
    for number, events in enumerate(named):
        own = rules.history_of(events, ZONE)
        histories |= own
        number_of |= dict.fromkeys(own, number)
    try:
        await record(shop, scenarios, named)
    except Exception as error:
        for recorder in shop.recorders:
            await recorder.close()  # it opens itself again
        because = f", because of {error.__cause__!r}" if error.__cause__ else ""
        *_, frame = traceback.extract_tb(error.__traceback__)
        where = f" ({Path(frame.filename).name}, line {frame.lineno})"
        words = f"a recorder failed with {type(error).__name__}: {error}{because}{where}"
        return Verdict({}, words, len(histories))
    wrong = await rows.wrong_rows(shop.sql, histories)
    wrong = await rows.wrongly_announced(shop.sql, histories, shop.now) | wrong
    of_scenarios: dict[int, str] = {}
    of_round = await leftovers(shop.sql, sum(map(len, named)))
    for serial, difference in wrong.items():
        if serial in number_of:
            of_scenarios.setdefault(number_of[serial], difference)
        else:
            of_round = difference
    if round_ is not None and not of_scenarios and of_round is None:
        of_round = await questions.wrong_answer(shop.database_url, histories, round_)
    return Verdict(of_scenarios, of_round, len(histories))


async def difference_alone(shop: Workshop, scenario: Scenario) -> str | None:
    """In words, what is wrong when the scenario is recorded by itself; None: nothing.

    Where workers race, it takes some tries.
    """
    for _ in range(1 if scenario.workers == 1 else TRIES_OF_A_RACE):
        found = await verdict(shop, [scenario])
        if not found.is_right:
            words = found.of_scenarios.get(0) or found.of_round or ""
            return words.replace(beginning(0), "")
    return None
