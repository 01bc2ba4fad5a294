"""What reads are measured with, and how the figures are shown."""

from datetime import date

import pytest

from bench.pace import pace
from bench.reads.database import LARGEST, ORGANIZATIONS, shares
from bench.reads.measure import Answers
from bench.reads.questions import Question, Sample, questions
from bench.reads.show import save
from projections.columns import STANDARD_COLUMNS
from projections.query.parameters import read_page_request
from projections.query.scope import AllOrganizations
from tests.projections.read.conftest import NOW, PACIFIC, microseconds

SAMPLE = Sample(
    {
        column.key: date(2026, 1, 2) if column.type == "date" else "Active" if column.key == "status" else "3"
        for column in STANDARD_COLUMNS
    },
    "ORG-1",
    LARGEST,
)


@pytest.mark.parametrize("tokens", [100_000, 1_000_000, 10_000_000])
def test_the_largest_organization_has_the_tokens_that_it_is_to_have(tokens: int) -> None:
    ends = shares(tokens)
    assert len(ends) == ORGANIZATIONS - 1
    assert ends == sorted(ends)
    assert ends[0] * tokens == pytest.approx(min(LARGEST, tokens / 10), rel=0.01)


def test_every_question_is_one_that_the_service_takes_and_every_column_is_asked_about() -> None:
    asked = list(questions(SAMPLE))
    for question in asked:
        pairs = [pair for pair in question.pairs if pair != ("after", "")]
        if question.path == "/api/tokens":
            read_page_request(pairs, AllOrganizations(), microseconds(NOW), PACIFIC)
    for heading in ("`contains` a piece of a cell", "Sorted by"):
        names = {question.name for question in asked if question.heading == heading}
        assert names == {column.key for column in STANDARD_COLUMNS}


def test_a_page_and_its_count_are_one_row(tmp_path_factory: pytest.TempPathFactory) -> None:
    page = Question("An operator", "status is", "/api/tokens")
    count = Question("An operator", "status is", "/api/tokens", (("count", "true"),), second=True)
    stations = Question("Stations", "first page", "/api/stations")
    summary = Question("Stations", "summary", "/api/summary")
    answers = [
        Answers(page, [1.0, 2.0, 30.0], None, "serials → index"),
        Answers(count, [200.0], 1_234, "index alone"),
        Answers(stations, [8.0] * 60, None, "index"),
        Answers(summary, [500.0], None, "index"),
    ]
    path = tmp_path_factory.mktemp("figures") / "reads.md"
    written = save(path, 5_000, SAMPLE, answers, pace([2.0, 1.0, 3.0]))
    assert "of pages of all 2 kinds, half took up to 8.0 ms, 99 of 100 up to 30;" in written
    assert "a fixed loop took 2.00 ms (shortest 1.00, p99 3.00)." in written
    assert "| status is | 2.0 | 30 | 200 | 200 | 1,234 | serials → index · index alone |\n" in written
    assert path.read_text() == written
