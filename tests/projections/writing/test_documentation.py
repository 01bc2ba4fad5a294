"""`docs/writing.md` has every reason, warning, rule and limit, in the words of the code."""

from pathlib import Path

import pytest

from projections.http.request_body import BODY_SECONDS
from projections.http.writing import MOST_WAIT_SECONDS, WAIT_SECONDS
from projections.writing.asked import MAX_APPLICATIONS, MAX_TRANSFERS
from projections.writing.body import BODY_RULES
from projections.writing.gateway import MAX_BODY_BYTES, MAX_EVENTS
from projections.writing.judging import SOURCE
from projections.writing.kept_answers import KEPT_HOURS
from projections.writing.results import REASONS, WARNINGS
from schemas.rules import RULES

DOCUMENT = (Path(__file__).parents[3] / "docs" / "writing.md").read_text(encoding="utf-8")
OWN_RULES = {rule: said for rule, said in BODY_RULES.items() if rule not in RULES}


@pytest.mark.parametrize("words", [REASONS, WARNINGS, OWN_RULES])
def test_each_word_is_documented_as_it_is_meant(words: dict[str, str]) -> None:
    assert [word for word, said in words.items() if f"| `{word}` | {said} |" not in DOCUMENT] == []


@pytest.mark.parametrize(
    "said",
    [
        f"array of up to {MAX_EVENTS:,})",
        f"{MAX_BODY_BYTES // 1024**2} MiB.",
        f"At most {MAX_TRANSFERS:,} tokens",
        f"At most {MAX_APPLICATIONS:,} items",
        f"after {WAIT_SECONDS} s at most; `wait={MOST_WAIT_SECONDS}`",
        f"within {BODY_SECONDS} s",
        f"kept for {KEPT_HOURS} hours",
        f"names `{SOURCE}`",
    ],
)
def test_each_limit_is_documented(said: str) -> None:
    assert said in DOCUMENT
