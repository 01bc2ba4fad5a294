"""Filters, sorts and pages over the rows of a round, against the same in plain Python over the reference's rows."""

import random
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from lifecycle.calendar import Calendar
from projections.columns import COLUMNS
from projections.listing import ColumnType
from projections.query.database import reading
from projections.query.page import read_page
from projections.query.parameters import read_page_request
from projections.query.scope import AllOrganizations
from tests.projections.read.random_filters import filter_on, matches, random_filter
from tests.projections.read.stored import ReportRow, ordered
from tests.reference import rules
from tests.reference.histories import ZONE
from tests.reference.instants import written

if TYPE_CHECKING:
    from projections.query.database import Reader

ASKED = [(column, operator) for column in COLUMNS for operator in column.type.operators]
"""Every column with each of its operators. A round asks some, the next round those that follow."""
SORTS = [f"{sign}{column.key}" for column in COLUMNS for sign in ("", "-")]
QUESTIONS_A_ROUND = 20
_LARGEST_PAGE = 1000
_DATES = [column.key for column in COLUMNS if column.type is ColumnType.DATE]
_PACIFIC = Calendar(ZONE)


class Question(NamedTuple):
    """Parameters of the report."""

    filters: list[str]
    match: str
    sort: str
    as_of: str

    def pairs(self) -> list[tuple[str, str]]:
        named = [("match", self.match), ("sort", self.sort)]
        return [("filter", each) for each in self.filters] + named

    def __str__(self) -> str:
        return " ".join(f"{name}={value!r}" for name, value in [*self.pairs(), ("as_of", self.as_of)])


async def wrong_answer(database_url: str, histories: Mapping[str, rules.History], round_: int) -> str | None:
    """In words, the first question of a round that is not answered as plain Python does; None: all are."""
    dice = random.Random(round_)
    instants = [at + step for at in rules.boundaries_from(histories) for step in (-1, 0, 1)]
    async with reading(database_url, statement_timeout_s=60) as connection:
        for number in range(round_ * QUESTIONS_A_ROUND, (round_ + 1) * QUESTIONS_A_ROUND):
            at = dice.choice(instants)
            rows = [_typed(row) for row in rules.rows_from(histories, at).values()]
            question = _question(number, dice, rows, written(at))
            asked = [row for row in rows if matches(row, question.filters, question.match)]
            expected = ordered(asked, question.sort.removeprefix("-"), question.sort.startswith("-"))
            found = await _first_difference(connection, question, expected, dice)
            if found is not None:
                return f"{question}: {found}"
    return None


def _question(number: int, dice: random.Random, rows: Sequence[ReportRow], as_of: str) -> Question:
    column, operator = ASKED[number % len(ASKED)]
    filters = [filter_on(column, operator, dice, rows)]
    filters += [random_filter(dice, rows) for _ in range(dice.choice((0, 0, 1, 2)))]
    # 7 has no factor in common with their number, so that each sort comes with each operator in time.
    return Question(filters, dice.choice(("all", "any")), SORTS[number * 7 % len(SORTS)], as_of)


async def _first_difference(
    connection: "Reader", question: Question, expected: list[ReportRow], dice: random.Random
) -> str | None:
    """Walk the pages, all of one size or each of another, and hold them against the whole list."""
    begin = [*question.pairs(), ("as_of", question.as_of), ("count", "true")]
    walked: list[dict[str, object]] = []
    pages = dice.choice((1, 1, 1, 4, 12))
    more: list[tuple[str, str]] = begin
    while True:
        limit = dice.randint(1, 2 * len(expected) // pages + 1) if pages > 1 else _LARGEST_PAGE
        given = [*more, ("columns", "all,anomalies"), ("limit", str(min(limit, _LARGEST_PAGE)))]
        page = await read_page(connection, read_page_request(given, AllOrganizations(), 0, _PACIFIC))
        if more is begin and page.count != len(expected):
            return f"count says {page.count} where plain Python finds {len(expected)}"
        for row in page.rows:
            place = len(walked)
            if place == len(expected):
                return f"row {place} is {row} where plain Python has no more"
            if row != expected[place]:
                return f"row {place} is {row} where plain Python has {expected[place]}"
            walked.append(row)
        if page.next is None:
            break
        if len(page.rows) != min(limit, _LARGEST_PAGE):
            return f"a page of {len(page.rows)} rows, of {limit}, is not the last"
        more = [*question.pairs(), ("after", page.next)]
    if len(walked) < len(expected):
        return f"no row {len(walked)} where plain Python has {expected[len(walked)]}"
    return None


def _typed(row: rules.Row) -> ReportRow:
    """The reference's row with dates as dates."""
    return {
        key: date.fromisoformat(cell) if key in _DATES and cell is not None else cell
        for key, cell in row.items()
    }
