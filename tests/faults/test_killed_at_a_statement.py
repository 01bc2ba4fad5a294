"""Killed in the middle of a transaction, or between sending and taking out: the next worker makes it whole.

These are the moments at which most would go wrong; `make faults` takes all there are.
"""

from pathlib import Path

import pytest

from tests.faults.killing import Servers, scene
from tests.faults.moments import Moment, When
from tests.faults.statements import steps_of_a_whole_life
from tokens.embedded.broker import EmbeddedBroker
from tokens.embedded.postgres import EmbeddedPostgres


@pytest.fixture
def servers(
    broker: EmbeddedBroker, postgres: EmbeddedPostgres, migrated_template: str, tmp_path: Path
) -> Servers:
    """What scenes are made in."""
    return Servers(broker.bootstrap, postgres, migrated_template, tmp_path)


async def test_the_events_of_these_tests_reach_every_statement(servers: Servers) -> None:
    await steps_of_a_whole_life(servers)


@pytest.mark.parametrize(
    "moment",
    [
        Moment(When.DURING, "record", "COPY tokens"),
        Moment(When.BEFORE, "record", "COMMIT after insert into outbox"),
        Moment(When.AFTER, "record", "COMMIT after COPY dead_letters"),
    ],
    ids=lambda moment: " ".join(moment),
)
async def test_a_worker_is_killed_and_another_starts(moment: Moment, servers: Servers) -> None:
    async with scene(servers) as company:
        assert await company.play(company.start(moment)), "nothing asked any more what it was to die of"
        company.start()
        await company.judge()


async def test_of_two_workers_the_one_that_announces_is_killed(servers: Servers) -> None:
    """The other takes the lead, and says again what is not taken out, under the same ids."""
    async with scene(servers) as company:
        doomed = company.start(Moment(When.AFTER, "announce", "flush"))
        await company.until_leads()
        company.start()
        assert await company.play(doomed), "nobody announced anything"
        assert await company.judge() > 0, "it was said, and not taken out"
