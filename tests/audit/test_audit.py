"""A quick audit with every run of the tests; `make audit` is the deep one."""

import functools
from collections import Counter
from collections.abc import AsyncIterator

import pytest

from tests.audit import questions, rows
from tests.audit.judging import Round, difference_alone, verdict
from tests.audit.minimal import minimal, written_out
from tests.audit.questions import ASKED, QUESTIONS_A_ROUND, SORTS
from tests.audit.recording import Workshop, named_histories, record, workshop
from tests.audit.scenarios import Scenario
from tests.events import ORDER_PLACED
from tests.reference import rules
from tests.reference.histories import ZONE
from tests.reference.meetings import ALL_MEETINGS, met_by

QUICK = Round(seed=1, number=1, size=120)
SMALL = Round(seed=2, number=0, size=20)


@functools.cache
def quick_scenarios() -> list[Scenario]:
    return QUICK.scenarios()


@pytest.fixture
async def shop(database_url: str) -> AsyncIterator[Workshop]:
    async with workshop(database_url) as opened:
        opened.now = QUICK.now()
        yield opened


async def test_a_round_comes_out_as_the_rules_say(shop: Workshop) -> None:
    found = await verdict(shop, quick_scenarios(), QUICK.number)
    assert found.is_right, f"round {QUICK}: {found}"
    assert found.tokens > 200


async def test_a_wrong_row_is_noticed_and_so_is_a_wrong_answer(shop: Workshop) -> None:
    scenarios = SMALL.scenarios()
    named = named_histories(scenarios)
    await record(shop, scenarios, named)
    histories = {
        serial: history for events in named for serial, history in rules.history_of(events, ZONE).items()
    }
    assert await rows.wrong_rows(shop.sql, histories) == {}
    assert await questions.wrong_answer(shop.database_url, histories, 0) is None
    serial = await shop.sql.fetchval("select token_serial from spans order by 1 limit 1")
    await shop.sql.execute(
        "update spans set ends_at = ends_at + interval '1 microsecond' where token_serial = $1", serial
    )
    assert (await rows.wrong_rows(shop.sql, histories)).keys() == {serial}
    await shop.sql.execute("update tokens set description = 'another', token_type = 'another'")
    assert await questions.wrong_answer(shop.database_url, histories, 0) is not None


async def test_a_history_is_judged_by_itself(shop: Workshop) -> None:
    scenario = next(each for each in SMALL.scenarios() if each.workers > 1)
    assert await difference_alone(shop, scenario) is None
    # An event that is never delivered is one that the journal lacks.
    lost = scenario.messages[0].event
    short = scenario._replace(messages=[each for each in scenario.messages if each.event != lost])
    assert await difference_alone(shop, short) is not None


def test_the_scenarios_meet_every_rule() -> None:
    """Else the audit would say little."""
    histories = [rules.history_of(scenario.history, ZONE) for scenario in quick_scenarios()]
    assert met_by(histories).keys() == ALL_MEETINGS


def test_the_scenarios_are_delivered_in_every_way() -> None:
    scenarios = quick_scenarios()
    assert {scenario.workers for scenario in scenarios} == {1, 2, 3}
    assert len({scenario.steps for scenario in scenarios}) > 2
    for scenario in scenarios:
        batches = [batch for worker in range(scenario.workers) for batch in scenario.batches(worker)]
        assert Counter(message for batch in batches for message in batch) == Counter(scenario.messages)
        assert {message.event for message in scenario.messages} == set(range(len(scenario.history)))
    assert any(len(scenario.messages) > len(scenario.history) for scenario in scenarios)


def test_a_round_is_its_seed() -> None:
    assert SMALL.scenarios() == SMALL.scenarios()
    assert SMALL.scenarios() != SMALL._replace(number=1).scenarios()


def test_a_difference_shrinks_to_the_events_that_matter() -> None:
    def differs(scenario: Scenario) -> str | None:
        types = {event["type"] for event in scenario.history}
        names = {serial for event in scenario.history for serial in event["data"].get("token_serials", ())}
        return "an order, and what names T2" if ORDER_PLACED in types and "T2" in names else None

    scenario = next(each for each in quick_scenarios() if differs(each) and len(each.history) > 20)
    least = minimal(scenario, differs)
    assert least is not None
    assert least.difference == "an order, and what names T2"
    assert len(least.scenario.history) == len(least.scenario.messages) == 2
    assert (least.scenario.workers, least.scenario.steps) == (1, 1)
    lines = list(written_out(least.scenario))
    assert all(line.startswith("worker 1, batch 1, ") for line in lines)
    assert sum('"token_serials": ["T2"]' in line for line in lines) == 1
    assert not any("description" in line for line in lines)


def test_what_does_not_differ_by_itself_is_not_shrunk() -> None:
    assert minimal(SMALL.scenarios()[3], lambda _: None) is None


def test_the_rounds_of_a_deep_audit_ask_every_operator_and_sort() -> None:
    numbers = range(10 * QUESTIONS_A_ROUND * 2)
    assert {number % len(ASKED) for number in numbers} == set(range(len(ASKED)))
    assert {number * 7 % len(SORTS) for number in numbers} == set(range(len(SORTS)))
