"""Random filters on rows, and the same filters in plain Python."""

import random
from collections.abc import Sequence
from datetime import date

from projections.columns import COLUMNS
from projections.listing import Column, Operator
from tests.projections.read.companies import TEXTS
from tests.projections.read.stored import ReportRow, passes, shown


def matches(row: ReportRow, filters: Sequence[str], match: str) -> bool:
    """Whether a row passes all filters, or any."""
    results = [passes(row, *[*each.split(":", 2), ""][:3]) for each in filters]
    return not filters or (all(results) if match == "all" else any(results))


def random_filter(dice: random.Random, rows: Sequence[ReportRow]) -> str:
    """A filter on any column, that some of the rows may pass and others not."""
    column = dice.choice(COLUMNS)
    return filter_on(column, dice.choice(column.type.operators), dice, rows)


def filter_on(column: Column, operator: Operator, dice: random.Random, rows: Sequence[ReportRow]) -> str:
    """A filter on this column with this operator."""
    if operator in (Operator.IS_EMPTY, Operator.IS_NOT_EMPTY):
        return f"{column.key}:{operator}"
    if operator in (Operator.BEFORE, Operator.AFTER):
        if column.type == "number":
            return f"{column.key}:{operator}:{dice.choice(('0', '1', '2', '2.5', '10', '-3', '99'))}"
        return f"{column.key}:{operator}:{_random_date(dice, column.key, rows)}"
    values = [_random_value(dice, column.key, rows) for _ in range(3 if operator is Operator.IN else 1)]
    if column.type == "status" and operator not in (Operator.CONTAINS, Operator.DOES_NOT_CONTAIN):
        values = [dice.choice(("New", "available", "ACTIVE", "Expired")) for _ in values]
    if operator is Operator.IN:
        values = [value for value in values if value and not set(value) & {",", "\\"}] or ["New"]
    return f"{column.key}:{operator}:{','.join(values)}"


def _random_date(dice: random.Random, key: str, rows: Sequence[ReportRow]) -> date:
    """A cell of the column, or a date near which some tests have theirs."""
    cells = [cell for row in rows if isinstance(cell := row[key], date)]
    if cells and dice.random() < 0.7:
        return dice.choice(cells)
    return date(2025, 12, dice.randrange(27, 32))


def _random_value(dice: random.Random, key: str, rows: Sequence[ReportRow]) -> str:
    """A cell of the column or one of the nasty texts, whole or a piece of it, in either case."""
    cells = [text for row in rows if (text := shown(row[key]))]
    value = dice.choice(cells) if cells and dice.random() < 0.7 else dice.choice(TEXTS) or ""
    if dice.random() < 0.4:
        begin = dice.randrange(len(value) + 1)
        value = value[begin : begin + dice.randrange(4)]
    changed = dice.choice((str, str.upper, str.lower, str.swapcase))(value)
    return changed if len(changed) == len(value) else value
