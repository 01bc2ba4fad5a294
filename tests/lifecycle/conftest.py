import pytest

from tests.lifecycle.judges import RowsOf, by_the_reference, by_the_service


@pytest.fixture(params=[by_the_reference, by_the_service])
def rows_of(request: pytest.FixtureRequest) -> RowsOf:
    """Every rule's test asks both, so that neither is alone in reading the rule."""
    judge: RowsOf = request.param
    return judge
