"""What `docs/report.md` says, against the declarations."""

from projections.columns import COLUMNS
from projections.document import REPORT, with_columns_table
from projections.export.parameters import EXPORT_PARAMETERS
from projections.listing import Operator
from projections.query.parameters import PAGE_PARAMETERS

DOCUMENT = REPORT.read_text(encoding="utf-8")


def test_the_table_of_columns_is_up_to_date() -> None:
    assert with_columns_table(DOCUMENT) == DOCUMENT, "run: python -m projections.document"
    assert all(f"| `{column.key}` | {column.title_in('zone')} |" in DOCUMENT for column in COLUMNS)


def test_every_operator_and_parameter_is_described() -> None:
    assert [operator for operator in Operator if f"`{operator}`" not in DOCUMENT] == []
    parameters = [*PAGE_PARAMETERS, *EXPORT_PARAMETERS]
    assert [each.name for each in parameters if f"`{each.name}" not in DOCUMENT] == []
