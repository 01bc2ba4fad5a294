"""What the documents say of lists, columns and parameters, against the declarations."""

from pathlib import Path

import pytest

from projections.columns import COLUMNS
from projections.document import LISTS, REPORT, with_tables
from projections.export.parameters import EXPORT_PARAMETERS
from projections.listing import Operator
from projections.query.parameters import PAGE_PARAMETERS

DOCUMENT = REPORT.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", [REPORT, LISTS], ids=lambda path: path.name)
def test_the_tables_of_columns_are_up_to_date(path: Path) -> None:
    document = path.read_text(encoding="utf-8")
    assert with_tables(document) == document, "run: python -m projections.document"


def test_every_column_of_the_report_is_described() -> None:
    assert all(f"| `{column.key}` | {column.title_in('zone')} |" in DOCUMENT for column in COLUMNS)


def test_every_operator_and_parameter_is_described() -> None:
    assert [operator for operator in Operator if f"`{operator}`" not in DOCUMENT] == []
    parameters = [*PAGE_PARAMETERS, *EXPORT_PARAMETERS]
    assert [each.name for each in parameters if f"`{each.name}" not in DOCUMENT] == []
