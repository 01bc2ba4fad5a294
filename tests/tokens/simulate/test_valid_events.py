"""Every message is an event of the contract, and lies within the history."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from schemas.envelope import Event, parse
from schemas.instants import parse_instant
from tests.reference.rules import history_of
from tests.tokens.simulate.conftest import UNTIL, ZONE, Company
from tokens.simulate.options import Options, parse_until
from tokens.simulate.stream import simulate

INSTANTS = ("applied_at", "unapplied_at", "activated_at", "transferred_at", "returned_at")


def _serials(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "token_serial":
                yield inner
            elif key == "token_serials":
                yield from inner
            else:
                yield from _serials(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _serials(inner)


def test_every_line_is_an_event(company: Company) -> None:
    parsed = [parse(line) for line in company.lines]
    assert [result for result in parsed if not isinstance(result, Event)] == []


def test_as_many_tokens_are_named_as_were_asked_for(company: Company) -> None:
    serials = {serial for event in company.events for serial in _serials(event["data"])}
    assert len(serials) == company.options.tokens


@pytest.mark.parametrize("tokens", [1, 2, 17, 199])
@pytest.mark.parametrize("days", [1, 30, 4_000])
def test_small_and_short_companies_have_their_tokens_too(tokens: int, days: int) -> None:
    lines = list(simulate(Options(seed=3, tokens=tokens, days=days, until=UNTIL)))
    assert all(isinstance(parse(line), Event) for line in lines)
    assert len({serial for line in lines for serial in _serials(json.loads(line)["data"])}) == tokens


@pytest.mark.parametrize("until", ["2026-03-02", "2026-03-01T09:30:00Z", "2026-02-28T23:59:59.999999-08:00"])
def test_nothing_lies_after_the_end_but_what_is_planned(until: str) -> None:
    options = Options(seed=2, tokens=3_000, days=800, until=parse_until(until))
    planned = 0
    for line in simulate(options):
        event = json.loads(line)
        happened = [event["time"], *(event["data"][name] for name in INSTANTS if name in event["data"])]
        assert all(options.start <= parse_instant(instant) <= options.until for instant in happened)
        planned += parse_instant(event["data"].get("starts_at", event["time"])) > options.until
    assert planned > 0


def test_the_dates_of_documents_are_not_after_them(company: Company) -> None:
    for event in company.of_type("order.placed"):
        midnight_pacific_standard = parse_instant(f"{event['data']['order_date']}T00:00:00-08:00")
        assert midnight_pacific_standard <= parse_instant(event["time"])


def test_all_but_what_is_planned_has_come_true_at_the_end(company: Company) -> None:
    """Nobody appears in the report after the end of the history; only terms start and end then."""
    for history in history_of(company.events, ZONE).values():
        reached = history.stages.instants()
        for stage in ("new", "available", "gone"):
            instant = reached[stage]
            assert instant is None or instant <= company.options.until


def test_the_history_must_lie_in_the_years_of_the_contract() -> None:
    with pytest.raises(ValueError, match="events of other years are refused"):
        Options(seed=1, tokens=1, days=800, until=parse_instant("2001-01-01T00:00:00Z"))
    with pytest.raises(ValueError, match="events of other years are refused"):
        Options(seed=1, tokens=1, days=1, until=parse_instant("2100-01-01T00:00:00Z"))
    earliest = Options(seed=1, tokens=2_000, days=800, until=parse_instant("2002-06-01T00:00:00Z"))
    latest = Options(seed=1, tokens=2_000, days=800, until=parse_instant("2099-07-01T00:00:00Z"))
    for options in (earliest, latest):
        assert all(isinstance(parse(line), Event) for line in simulate(options))
