"""A worker killed at every statement there is: `make faults` (some minutes; not part of `make test`).

A first worker, which nobody kills, tells what there is: all that the recorder, the clock and the announcer ask of
Postgres and Kafka while a small company's events go through every branch. Then one worker after the other is killed
before each step; where a step lasts, while it is under way and after it, too; and in the middle of each COPY. The next
worker must make it whole. `-s` shows the table.
"""

import os
import sys
from collections.abc import Iterator, Sequence

import pytest

from tests.faults.killing import Servers, scene
from tests.faults.moments import Moment, Reached, When
from tests.faults.statements import steps_of_a_whole_life
from tests.faults.test_killed_at_a_statement import servers
from tests.faults.watched import REGISTER

__all__ = ["servers"]

ATTEMPTS = 3
WHOLE = "whole"
NEVER_REACHED = "never reached"
"""A failure, except where it is a race of the worker's own, which may have gone the other way."""
ONLY = os.environ.get("FAULTS_ONLY", "")


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def test_each_statement(servers: Servers) -> None:
    reached = await steps_of_a_whole_life(servers)
    moments = [each for each in dict.fromkeys(moments_of(reached)) if ONLY in " ".join(each)]
    assert moments, f"no moment contains {ONLY!r}"
    say(f"\n{len(moments)} moments\n\n| killed | in | at | said again | verdict |\n|---|---|---|---|---|")
    bad = []
    for moment in moments:
        again, verdict = await verdict_on(moment, servers)
        say(f"| {moment.when} | {moment.way_in} | `{moment.words}` | {again} | {verdict.splitlines()[0]} |")
        if verdict != WHOLE and (moment.way_in, verdict) != (REGISTER, NEVER_REACHED):
            bad.append(f"{moment}: {verdict}")
    assert bad == []


@pytest.mark.usefixtures("apache")
async def test_in_the_group_of_the_killed(servers: Servers) -> None:
    """The broker waits for the session of the dead to time out before it gives away what that one was reading."""
    async with scene(servers) as company:
        doomed = company.start(
            Moment(When.AFTER, "record", "COMMIT after COPY dead_letters"), group="workers"
        )
        assert await company.play(doomed)
        company.start(group="workers")
        await company.judge()


def moments_of(reached: Sequence[Reached]) -> Iterator[Moment]:
    """The moments of a life, in the order in which they come."""
    for step, lasts, _, _ in reached:
        yield Moment(When.BEFORE, *step)
        if lasts or step.words.startswith("COPY"):
            yield Moment(When.DURING, *step)
        if lasts:
            yield Moment(When.AFTER, *step)


async def verdict_on(moment: Moment, servers: Servers) -> tuple[int, str]:
    """How many announcements were repeated, and whether everything was whole in the end, or what was not."""
    for _ in range(ATTEMPTS):
        try:
            async with scene(servers) as company:
                if not await company.play(company.start(moment)):
                    continue  # batches fall as they may: this time none brought the step
                company.start()
                return await company.judge(), WHOLE
        except AssertionError as error:
            return 0, f"NOT WHOLE: {error}"
    return 0, NEVER_REACHED
