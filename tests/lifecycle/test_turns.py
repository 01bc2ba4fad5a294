"""Retractions have batches of their own: few while others wait, and at once when none do."""

from typing import NamedTuple

from lifecycle.turns import BATCHES_BETWEEN, Turns


class Partition(NamedTuple):
    """As the consumer tells partitions apart."""

    topic: str
    partition: int


BOOTS, MOVES, BACK = (
    Partition("t.activations", 0),
    Partition("t.applications", 1),
    Partition("t.retractions", 0),
)


def test_retractions_come_when_nothing_else_waits() -> None:
    turns = Turns("t.retractions")
    assert turns.next({BOOTS: 0, BACK: 3, MOVES: 0}) == [BACK]


def test_retractions_are_not_put_off_for_ever() -> None:
    turns = Turns("t.retractions")
    waiting = {BOOTS: 1_000, BACK: 3, MOVES: 0}
    for _ in range(3):
        for _ in range(BATCHES_BETWEEN):
            assert turns.next(waiting) == [BOOTS, MOVES]
        assert turns.next(waiting) == [BACK]


def test_those_without_records_here_keep_their_share() -> None:
    turns = Turns("t.retractions")
    assert turns.next({BOOTS: 1_000, BACK: 0, MOVES: 0}) == [BOOTS, MOVES]
    assert turns.next({BOOTS: 0, BACK: 0, MOVES: 0}) == [BOOTS, MOVES]
