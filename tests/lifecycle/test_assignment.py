"""Which partitions are this worker's, and where reading goes on, as the group gives and takes."""

import pytest

from lifecycle.assignment import Assignment
from lifecycle.recording import Advance
from lifecycle.standing import Standing
from tests.lifecycle.test_backlog import BOOTS, MOVES, ORDERS, records


@pytest.fixture
def assignment() -> Assignment:
    """Of orders and boots, both placed, with records of both waiting."""
    assignment = Assignment(Standing())
    assignment.on_partitions_assigned([ORDERS, BOOTS])
    assignment.place({ORDERS: 10, BOOTS: 20})
    assignment.backlog.add(ORDERS, records(10, 14))
    assignment.backlog.add(BOOTS, records(20, 22))
    return assignment


def waiting(assignment: Assignment) -> dict[tuple[str, int], int]:
    return {each: assignment.backlog.waiting(each) for each in (ORDERS, BOOTS)}


def is_ready(standing: Standing) -> bool:
    return standing.obstacle is None


def test_of_a_partition_taken_away_nothing_stays(assignment: Assignment) -> None:
    assignment.on_partitions_revoked([ORDERS])
    assert assignment.places == {BOOTS: 20}
    assert waiting(assignment) == {ORDERS: 0, BOOTS: 3}
    assert not assignment.is_placed(ORDERS)
    assert assignment.is_placed(BOOTS)


def test_one_taken_away_before_it_was_placed_is_not_sought(assignment: Assignment) -> None:
    assignment.on_partitions_assigned([MOVES])
    assignment.on_partitions_revoked([MOVES])
    assert assignment.unplaced == set()


def test_one_placed_anew_is_read_from_there_with_nothing_that_was_fetched_before(
    assignment: Assignment,
) -> None:
    """Its records would be recorded twice, the later ones before the earlier."""
    assignment.unplace()
    assert assignment.unplaced == {ORDERS, BOOTS}
    assert not assignment.is_placed(ORDERS)
    assignment.place({ORDERS: 12})
    assert assignment.places == {ORDERS: 12, BOOTS: 20}
    assert waiting(assignment) == {ORDERS: 0, BOOTS: 3}
    assert assignment.unplaced == {BOOTS}


def test_what_was_recorded_lies_behind_where_the_partition_is_still_here(assignment: Assignment) -> None:
    assignment.on_partitions_revoked([BOOTS])
    assignment.advance([Advance(*ORDERS, 10, 15), Advance(*BOOTS, 20, 23)])
    assert assignment.places == {ORDERS: 15}


def test_it_stands_ready_when_all_that_it_has_is_placed() -> None:
    standing = Standing()
    assignment = Assignment(standing)
    assignment.on_partitions_assigned([ORDERS, BOOTS])
    assignment.place({ORDERS: 10})
    assert not is_ready(standing)
    assignment.place({BOOTS: 20})
    assert is_ready(standing)
    assignment.on_partitions_revoked([ORDERS, BOOTS])
    assert not is_ready(standing)
    assignment.on_partitions_assigned([])
    assert is_ready(standing), "a worker to spare is ready"
