"""Random tokens between random instants, against the two reports compared in plain Python."""

import random
from datetime import datetime

import asyncpg
import pytest

from projections.columns import COLUMNS
from schemas.instants import format_instant
from tests.projections.diff.conftest import Compare
from tests.projections.read.companies import random_instant, random_tokens
from tests.projections.read.conftest import microseconds
from tests.projections.read.random_filters import matches, random_filter
from tests.projections.read.stored import Cell, Stored, report_row, rows_at, store

Told = tuple[str, dict[str, Cell] | None, dict[str, Cell] | None]


@pytest.mark.parametrize("seed", [1, 2])
async def test_pages_of_a_diff_are_the_two_reports_compared(
    compare: Compare, writer: asyncpg.Connection, seed: int
) -> None:
    dice = random.Random(seed)
    stored = random_tokens(dice, 80)
    await store(writer, *stored)
    for _ in range(60):
        since, until = sorted((random_instant(dice), random_instant(dice)))
        rows = rows_at(stored, until)
        filters = [random_filter(dice, rows) for _ in range(dice.choice((0, 0, 1, 2)))]
        match = dice.choice(("all", "any"))
        columns = dice.sample([column.key for column in COLUMNS], dice.choice((1, 3, len(COLUMNS))))
        expected = _compared(stored, since, until, filters, match, columns)
        asked = {"match": match, "columns": ",".join(columns), "limit": str(dice.choice((3, 50)))}
        question = f"{asked} {filters} from {since} to {until}"
        page = await compare(_text(since), to=_text(until), filters=filters, count="true", **asked)
        told = list(page.differences)
        for _ in range(len(expected)):
            assert page.count == len(expected), question
            if page.next is None:
                break
            page = await compare(filters=filters, after=page.next, count="true", **asked)
            told += page.differences
        assert [(each.token_serial, each.before, each.after) for each in told] == expected, question


def _compared(
    stored: list[Stored],
    since: datetime,
    until: datetime,
    filters: list[str],
    match: str,
    columns: list[str],
) -> list[Told]:
    told: list[Told] = []
    for each in sorted(stored, key=lambda each: each.token_serial):
        sides = [report_row(each, at) for at in (since, until)]
        if not any(side is not None and matches(side, filters, match) for side in sides):
            continue
        cells = [side and {key: side[key] for key in columns} for side in sides]
        if cells[0] is not None and cells[1] is not None:
            changed = [key for key in columns if cells[0][key] != cells[1][key]]
            cells = [{key: side[key] for key in changed} for side in cells if side is not None]
        if cells[0] != cells[1]:
            told.append((each.token_serial, cells[0], cells[1]))
    return told


def _text(at: datetime) -> str:
    return format_instant(microseconds(at))
