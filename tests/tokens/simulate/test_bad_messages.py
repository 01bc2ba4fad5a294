"""As many bad messages as asked for, of every kind, and each is refused by the rule that it breaks."""

from collections import Counter

import pytest

from schemas.envelope import Event, parse
from schemas.rules import Invalid
from tests.tokens.simulate.conftest import UNTIL
from tokens.simulate.options import BadMessages, Options, parse_bad_messages
from tokens.simulate.spoiled import KINDS
from tokens.simulate.stream import simulate

OPTIONS = Options(seed=5, tokens=500, days=800, until=UNTIL, bad=BadMessages(10 * len(KINDS)))


def test_every_kind_as_often() -> None:
    results = [parse(line) for line in simulate(OPTIONS)]
    rules = Counter(result.rule for result in results if isinstance(result, Invalid))
    assert rules == {
        "not_json": 20,
        "wrong_type": 20,
        "naive_instant": 10,
        "unknown_type": 10,
        "unknown_version": 10,
        "nul": 10,
        "missing": 10,
    }


def test_a_known_id_with_other_content_comes_after_the_event_that_it_contradicts() -> None:
    contents: dict[bytes, bytes] = {}
    contradictions = 0
    for line in simulate(OPTIONS):
        event = parse(line)
        if isinstance(event, Event):
            contradictions += contents.setdefault(event.identity, event.content) != event.content
    assert contradictions == 10


@pytest.mark.parametrize(
    ("text", "good_messages", "bad_messages"),
    [("0", 100, 0), ("12", 100, 12), ("2%", 1_000, 20), ("0.5%", 1_000, 5), ("100%", 7, 7), ("1%", 10, 0)],
)
def test_a_number_or_a_percentage(text: str, good_messages: int, bad_messages: int) -> None:
    assert parse_bad_messages(text).among(good_messages) == bad_messages


@pytest.mark.parametrize("text", ["", "%", "-1", "101%", "a few", "1.5", "nan%", "1_000_001"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is neither a number of messages"):
        parse_bad_messages(text)
